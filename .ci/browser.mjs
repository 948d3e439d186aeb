// browser.mjs FOLDER PICTURE: serves the published page of samples/BrowserVoice, opens it in headless Chromium, clicks, waits for the clip
// to be heard, and keeps a picture. Fails where the page says an error, hears no voice, or is slower than the sound.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';

const [folder, picture] = process.argv.slice(2);
const types = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };
const server = createServer(async (request, response) => {
  const path = new URL(request.url, 'http://localhost').pathname;
  try {
    const body = await readFile(join(folder, normalize(path === '/' ? '/index.html' : path)));
    response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'text/html' }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise(ready => server.listen(0, '127.0.0.1', ready));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const faults = [];
try {
  const page = await browser.newPage({ viewport: { width: 900, height: 600 } });
  page.on('pageerror', error => faults.push(`the page failed: ${error.message}`));
  page.on('console', message => console.log(`page: ${message.text()}`));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.locator('#demonstration:enabled').click({ timeout: 120_000 });
  await page.locator('body[data-done=true]').waitFor({ timeout: 120_000 });
  await page.screenshot({ path: picture });
  const speed = await page.locator('#speed').textContent();
  console.log(speed);
  const model = await page.locator('#model').textContent();
  console.log(model);
  if (!model.endsWith('self test passed')) faults.push('other values than where the model was trained');
  const [, times, voiced, frames] = /([\d.]+) times real time, voice in (\d+) of (\d+) frames/.exec(speed) ?? [];
  if (!(times > 1)) faults.push('slower than the sound');
  if (!(voiced > 0.1 * frames && voiced < 0.9 * frames)) faults.push('the clip has voice in some of its frames');
} catch (error) {
  faults.push(error.message);
} finally {
  await browser.close();
  server.close();
}

faults.forEach(fault => console.log(`FAILED: ${fault}`));
process.exit(faults.length === 0 ? 0 : 1);
