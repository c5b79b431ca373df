// Opens a page in Chromium and does what the orders say, one after the other; prints what each order gave as JSON.
// node drive_page.js '{"arguments": [of Chromium], "url": "...", "width": 1240, "height": 800, "dark": false,
//                      "orders": [{"run": "script"}, {"until": "expression", "seconds": 30}, {"shot": "file.png"}]}'
'use strict';
const {spawn} = require('node:child_process');
const {writeFileSync} = require('node:fs');

const wish = JSON.parse(process.argv[2]);
const browser = spawn('chromium', ['--remote-debugging-pipe', ...wish.arguments], {stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe']});
const waiting = new Map();
let last = 0, session, unread = '';

browser.stdio[4].on('data', bytes => {
    unread += bytes;
    for (let end; (end = unread.indexOf('\0')) >= 0; unread = unread.slice(end + 1)) {
        const message = JSON.parse(unread.slice(0, end));
        waiting.get(message.id)?.(message);
        waiting.delete(message.id);
    }
});

function send(method, params = {}) {
    const id = ++last;
    browser.stdio[3].write(JSON.stringify({id, method, params, sessionId: session}) + '\0');
    return new Promise((resolve, reject) => waiting.set(id, ({result, error}) => (error ? reject(new Error(method + ': ' + error.message)) : resolve(result))));
}

async function evaluate(expression) {
    const {result, exceptionDetails} = await send('Runtime.evaluate', {expression, awaitPromise: true, returnByValue: true, userGesture: true});
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
}

async function obey({run, until, seconds = 30, shot}) {
    if (run) return evaluate(run);
    if (shot) {
        const {data} = await send('Page.captureScreenshot', {captureBeyondViewport: true});
        writeFileSync(shot, Buffer.from(data, 'base64'));
        return shot;
    }
    for (const end = Date.now() + seconds * 1000; ; await new Promise(resolve => setTimeout(resolve, 100))) {
        const value = await evaluate(until);
        if (value) return value;
        if (Date.now() > end) throw new Error('In vain: ' + until + '\n' + await evaluate('document.body.innerText'));
    }
}

async function main() {
    const {targetId} = await send('Target.createTarget', {url: 'about:blank'});
    ({sessionId: session} = await send('Target.attachToTarget', {targetId, flatten: true}));
    await send('Page.enable');
    const {width = 1240, height = 800, dark = false} = wish;
    await send('Emulation.setDeviceMetricsOverride', {width, height, deviceScaleFactor: width < 600 ? 2 : 1, mobile: width < 600});
    await send('Emulation.setEmulatedMedia', {features: [{name: 'prefers-color-scheme', value: dark ? 'dark' : 'light'}]});
    const {errorText} = await send('Page.navigate', {url: wish.url});
    if (errorText) throw new Error(wish.url + ': ' + errorText);
    await obey({until: 'document.readyState === "complete"'});
    const given = [];
    for (const order of wish.orders) given.push(await obey(order) ?? null);
    return given;
}

main().then(given => console.log(JSON.stringify({given})), error => console.log(JSON.stringify({error: String(error.message)})))
    .finally(() => browser.kill());
