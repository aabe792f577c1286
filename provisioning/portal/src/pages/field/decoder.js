// Barcodes and QR codes in a picture, for browsers that have no BarcodeDetector: a part of its own, loaded when the camera is
// on. Of ZXing only the readers of what stands on labels of phones.
import BinaryBitmap from '@zxing/library/esm/core/BinaryBitmap.js';
import HybridBinarizer from '@zxing/library/esm/core/common/HybridBinarizer.js';
import DataMatrixReader from '@zxing/library/esm/core/datamatrix/DataMatrixReader.js';
import DecodeHintType from '@zxing/library/esm/core/DecodeHintType.js';
import Code128Reader from '@zxing/library/esm/core/oned/Code128Reader.js';
import Code39Reader from '@zxing/library/esm/core/oned/Code39Reader.js';
import QRCodeReader from '@zxing/library/esm/core/qrcode/QRCodeReader.js';
import RGBLuminanceSource from '@zxing/library/esm/core/RGBLuminanceSource.js';

const readers = [new QRCodeReader(), new Code128Reader(), new Code39Reader(), new DataMatrixReader()];
const hints = new Map([[DecodeHintType.TRY_HARDER, true]]);
const WIDEST = 960;

/** The picture in grey; turned by a quarter, because a bar code is read in rows. */
function grey(video, canvas, turned) {
	const scale = Math.min(1, WIDEST / video.videoWidth), width = Math.round(video.videoWidth * scale), height = Math.round(video.videoHeight * scale);
	canvas.width = turned ? height : width;
	canvas.height = turned ? width : height;
	const at = canvas.getContext('2d', { willReadFrequently: true });
	if (turned) at.setTransform(0, 1, -1, 0, height, 0);
	at.drawImage(video, 0, 0, width, height);
	const { data } = at.getImageData(0, 0, canvas.width, canvas.height);
	const out = new Uint8ClampedArray(width * height);
	for (let i = 0, j = 0; i < out.length; i++, j += 4) out[i] = (data[j] * 77 + data[j + 1] * 150 + data[j + 2] * 29) >> 8;
	return new RGBLuminanceSource(out, canvas.width, canvas.height);
}

export class Decoder {
	canvas = document.createElement('canvas');
	turned = true;

	/** The texts of the codes that are seen now. One that cannot be read is none. */
	async detect(video) {
		this.turned = !this.turned;
		const picture = grey(video, this.canvas, this.turned), texts = [];
		for (const reader of readers) {
			try {
				texts.push(reader.decode(new BinaryBitmap(new HybridBinarizer(picture)), hints).getText());
			} catch {
				// this reader sees nothing of its kind
			}
			reader.reset();
		}
		return texts;
	}
}
