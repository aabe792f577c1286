import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../../html.js';
import { t } from '../../text.js';
import { Button } from '../../ui/button.js';
import { makeDetector } from './detector.js';
import { macInCode } from './mac.js';

const LOOK_MS = 120;

/** A sentence for why there is no picture. */
const why = (e) => t({ NotAllowedError: 'fieldwork.cameraRefused', NotFoundError: 'fieldwork.cameraNone', NotReadableError: 'fieldwork.cameraBusy' }[e.name] ?? 'fieldwork.cameraFailed');

/** Looks at the picture until a code with a MAC is seen: onMac. Calls onOther for codes without one. Returns how to stop. */
function watch(video, { onReady, onMac, onOther, onFail }) {
	let stream, timer, stopped = false;
	const look = async (detector) => {
		if (video.readyState >= 2) {
			const texts = await detector.detect(video).catch(() => []);
			const mac = texts.map(macInCode).find(Boolean);
			if (stopped) return;
			if (mac) return onMac(mac);
			if (texts.length) onOther();
		}
		timer = setTimeout(look, LOOK_MS, detector);
	};
	const start = async () => {
		if (!navigator.mediaDevices?.getUserMedia) throw new DOMException('', 'NotSupportedError');
		stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } } });
		if (stopped) return stop();
		video.srcObject = stream;
		await video.play();
		const detector = await makeDetector();
		if (stopped) return;
		onReady(stream.getVideoTracks()[0]);
		look(detector);
	};
	const stop = () => {
		stopped = true;
		clearTimeout(timer);
		stream?.getTracks().forEach((track) => track.stop());
	};
	start().catch((e) => {
		if (stopped) return;
		stop();
		onFail(e);
	});
	return stop;
}

export function Scan({ onMac, onClose }) {
	const video = useRef(), [state, set] = useState({ say: t('fieldwork.cameraStarts') }), [light, setLight] = useState(false);
	useEffect(() => watch(video.current, {
		onReady: (track) => set({ say: t('fieldwork.aim'), track, torch: Boolean(track.getCapabilities?.().torch) }),
		onOther: () => set((s) => ({ ...s, say: t('fieldwork.otherCode') })),
		onFail: (e) => set({ say: why(e), failed: true }),
		onMac: (mac) => {
			navigator.vibrate?.(60);
			onMac(mac);
		},
	}), []);
	const torch = () => state.track.applyConstraints({ advanced: [{ torch: !light }] }).then(() => setLight(!light), () => {});
	return html`<div class="scan">
		<video ref=${video} playsinline muted hidden=${state.failed} aria-label=${t('fieldwork.picture')}></video>
		<p role=${state.failed ? 'alert' : 'status'} class=${state.failed ? 'note bad' : ''}>${state.say}</p>
		${state.torch && html`<${Button} aria-pressed=${light} onClick=${torch}>${t('fieldwork.light')}<//>`}
		<${Button} icon="close" onClick=${onClose}>${t(state.failed ? 'fieldwork.type' : 'fieldwork.stopScan')}<//>
	</div>`;
}
