// What reads codes in the camera's picture: the browser itself where it can, else a decoder that is loaded now.
const KINDS = ['code_128', 'code_39', 'qr_code', 'data_matrix'];

async function native() {
	if (!('BarcodeDetector' in window)) return null;
	const there = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
	const kinds = KINDS.filter((k) => there.includes(k));
	if (!kinds.includes('code_128') || !kinds.includes('qr_code')) return null;
	const detector = new window.BarcodeDetector({ formats: kinds });
	return { detect: async (video) => (await detector.detect(video)).map((code) => code.rawValue) };
}

/** { detect(video) -> texts } */
export const makeDetector = async () => (await native()) ?? new (await import('./decoder.js')).Decoder();
