import { dotnet } from './_framework/dotnet.js';

const rate = 16000, hop = 256;

// The runtime interprets, and compiles what runs often; what it compiles of vectors computes wrong values (.NET 10).
const runtime = dotnet.withRuntimeOptions(['--no-jiterpreter-simd-enabled']);
const { getAssemblyExports, getConfig, runMain } = await runtime.create();
await runMain();
const page = (await getAssemblyExports(getConfig().mainAssemblyName)).Page;
const element = id => document.getElementById(id);
const picture = element('picture'), pen = picture.getContext('2d');
let drawn = 0;

// One column a frame: the loudness in grey, the probability of a voice above it.
function draw(samples, voice) {
  for (const probability of voice) {
    const x = drawn % picture.width;
    const start = Math.floor(samples.length * voice.indexOf(probability) / voice.length);
    const loudness = Math.max(...samples.slice(start, start + hop).map(Math.abs), 0);
    pen.fillStyle = '#fff';
    pen.fillRect(x, 0, 8, picture.height);
    pen.fillStyle = '#c3cad2';
    pen.fillRect(x, picture.height - 100 * loudness, 1, 100 * loudness);
    pen.fillStyle = probability > 0.5 ? '#0b7285' : '#e2a03f';
    pen.fillRect(x, 150 * (1 - probability), 2, 3);
    drawn++;
  }
}

let heard = 0, worked = 0, voiced = 0, frames = 0;

function hear(samples) {
  const begin = performance.now();
  const voice = page.Hear(Array.from(samples));
  worked += performance.now() - begin;
  heard += samples.length / rate;
  frames += voice.length;
  voiced += voice.filter(p => p > 0.5).length;
  draw(Array.from(samples), voice);
  const now = voice.at(-1) ?? 0;
  element('now').textContent = `${now > 0.5 ? 'voice' : 'no voice'} ${now.toFixed(2)}`;
  element('speed').textContent = `${heard.toFixed(1)} s of sound in ${(worked / 1000).toFixed(2)} s: ` +
    `${(heard / (worked / 1000)).toFixed(1)} times real time, voice in ${voiced} of ${frames} frames`;
}

element('demonstration').onclick = async () => {
  page.Restart();
  const clip = page.Demonstration();
  for (let at = 0; at < clip.length; at += 1600) {
    hear(clip.slice(at, at + 1600));
    await new Promise(requestAnimationFrame);
  }
  document.body.dataset.done = 'true';
};

element('microphone').onclick = async () => {
  page.Restart();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  const context = new AudioContext({ sampleRate: rate });
  const code = `registerProcessor('portions', class extends AudioWorkletProcessor {
    process(inputs) { if (inputs[0][0]) this.port.postMessage(inputs[0][0].slice()); return true; } });`;
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
  const node = new AudioWorkletNode(context, 'portions');
  node.port.onmessage = message => hear(message.data);
  context.createMediaStreamSource(stream).connect(node);
};

element('model').textContent = `${page.Describe()}; a step of the model: ${page.Measure()}; ${page.SelfTest()}`;
element('demonstration').disabled = element('microphone').disabled = false;
element('now').textContent = 'ready';
