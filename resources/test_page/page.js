'use strict';
const settings = document.getElementById('settings');
const page = {account: '', user: ''};  // the token of who signed in; kept in memory only

const values = () => Object.fromEntries(new FormData(settings));
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

function element(kind, properties = {}, ...children) {
    const made = Object.assign(document.createElement(kind), properties);
    made.append(...children);
    return made;
}

function tell(notice, text, kind = 'critical') {
    notice.textContent = text;
    notice.dataset.kind = kind;
    notice.hidden = !text;
}

// --- calls ---

// What the server says, and what to do next.
async function refusalOf(reply) {
    const text = await reply.text();
    let said = /^text\/plain/.test(reply.headers.get('Content-Type')) ? text.trim() : 'The server refused that.';
    try {
        const json = JSON.parse(text);
        said = json.detail ?? json.errorMessage ?? json.error ?? said;
    } catch { }
    const wait = Number(reply.headers.get('Retry-After')) || 0;
    const next = {
        401: 'Enter a token of the stream, or sign in.',
        403: page.account ? '' : 'Enter another token of the stream, or sign in.',
        404: 'Check the name and the node group, or publish it first.',
        409: 'Choose another name, or end the other publisher.',
        503: wait ? `Try again in ${wait} s.` : 'Try again in a few seconds.'
    }[reply.status] ?? '';
    return Object.assign(new Error(`${said} ${next}`.trim() + ` (${reply.status})`), {status: reply.status});
}

async function call(method, url, {headers = {}, body, kept = false} = {}) {
    let reply;
    try {
        reply = await fetch(url, {method, headers, body, keepalive: kept});
    } catch {
        throw new Error('The control plane does not answer. Is it running, and is this device on its network?');
    }
    if (!reply.ok) throw await refusalOf(reply);
    return reply;
}

const asAccount = () => (page.account ? {Authorization: 'Bearer ' + page.account} : {});

// As RFC 8288 has it; commas and semicolons may stand in quotes.
function iceServersIn(link) {
    const pattern = /<([^>]*)>((?:\s*;\s*[\w-]+=(?:"(?:[^"\\]|\\.)*"|[^",;\s]*))*)/g;
    return [...(link ?? '').matchAll(pattern)].flatMap(([, urls, rest]) => {
        const found = {};
        for (const [, name, quoted, plain] of rest.matchAll(/([\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;\s]*))/g))
            found[name] = quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1');
        if (found.rel !== 'ice-server') return [];
        return [found.username === undefined ? {urls} : {urls, username: found.username, credential: found.credential}];
    });
}

// Where the stream goes or comes from, by the proxy of the control plane, and what is shown there.
class Signalling {
    constructor(purpose) {
        const {stream, nodeGroup, token} = values();
        this.purpose = purpose;
        this.stream = stream.trim().replace(/^\/+|\/+$/g, '');
        this.group = nodeGroup.trim();
        this.query = {...(this.group && {nodeGroup: this.group}), ...(token && {token})};
    }

    url() {
        const name = this.stream.split('/').map(encodeURIComponent).join('/');
        return `/as/v1/proxy/${this.purpose === 'publish' ? 'whip' : 'whep'}/${name}?${new URLSearchParams(this.query)}`;
    }

    // The node, and the ICE servers of its group. Groups that are open to all give no pass, and want none.
    async choose() {
        if (page.account && !this.query.token) await this.askForPass().catch(refusal => { this.refusal = refusal; });
        const reply = await call('OPTIONS', this.url(), {headers: asAccount()});
        this.query.host ??= reply.headers.get('Session-Host');
        return iceServersIn(reply.headers.get('Link'));
    }

    async open(sdp) {
        const reply = await call('POST', this.url(), {headers: {...asAccount(), 'Content-Type': 'application/sdp'}, body: sdp})
            .catch(error => { throw [401, 403].includes(error.status) && this.refusal || error; });
        const at = new URL(reply.headers.get('Location'), location.href);
        this.session = at.pathname + at.search;
        return reply.text();
    }

    // The group wants tokens: who is signed in gets a leave for this one session from the control plane.
    async askForPass() {
        const ask = async (what, more = {}) => {
            const query = new URLSearchParams({nodeGroup: this.group || page.groups[0], stream: this.stream, ...more});
            const way = this.purpose === 'publish' ? 'publish' : 'subscribe';
            return (await call('GET', `/api/v1/${what}/${way}?${query}`, {headers: asAccount()})).json();
        };
        const {targets} = await ask('routes');
        const chosen = targets.find(target => target.endpoints.webrtcPort);
        if (!chosen) return;
        const pass = await ask('passes', {node: chosen.node});
        const {address, httpPort} = chosen.endpoints;
        Object.assign(this.query, {token: pass.token, host: address.includes(':') ? address : `${address}:${httpPort}`});
    }

    async close() {
        if (!this.session) return;
        const session = this.session;
        this.session = undefined;
        await call('DELETE', session, {headers: asAccount(), kept: true}).catch(() => {});
    }
}

// --- what is published ---

// Bars, a dot that goes around once a second and the time, which shows the delay to whoever sees both pictures.
function drawPattern(context, width, height) {
    const bars = ['#C0C0C0', '#C0C000', '#00C0C0', '#00C000', '#C000C0', '#C00000', '#0000C0'];
    bars.forEach((colour, i) => {
        context.fillStyle = colour;
        context.fillRect(Math.floor(i * width / 7), 0, Math.ceil(width / 7), height * .7);
    });
    context.fillStyle = '#101418';
    context.fillRect(0, height * .7, width, height * .3);
    const now = new Date(), turn = now.getMilliseconds() / 1000 * 2 * Math.PI, size = height * .18;
    context.fillStyle = '#FFFFFF';
    context.font = `600 ${Math.round(height * .14)}px monospace`;
    context.textBaseline = 'middle';
    context.fillText(now.toTimeString().slice(0, 8) + '.' + String(now.getMilliseconds()).padStart(3, '0'), width * .05, height * .86);
    context.beginPath();
    context.arc(width * .87 + Math.sin(turn) * size * .5, height * .855 - Math.cos(turn) * size * .5, size * .16, 0, 7);
    context.fill();
}

function patternMedia(width, height) {
    const canvas = element('canvas', {width, height}), context = canvas.getContext('2d', {alpha: false});
    drawPattern(context, width, height);
    const clock = setInterval(() => drawPattern(context, width, height), 1000 / 30);
    const media = canvas.captureStream(30), sound = new AudioContext();
    sound.resume();
    const tone = sound.createOscillator(), volume = sound.createGain(), out = sound.createMediaStreamDestination();
    tone.frequency.value = 440;
    volume.gain.value = .1;
    tone.connect(volume).connect(out);
    tone.start();
    media.addTrack(out.stream.getAudioTracks()[0]);
    return {media, end: () => { clearInterval(clock); sound.close(); }};
}

async function cameraMedia(width, height, facingMode) {
    if (!navigator.mediaDevices)
        throw new Error('Browsers give the camera only to pages that came over HTTPS or from this machine itself. ' +
                        'Open this page by https:// (start the server with --tls), or take the test pattern.');
    const wish = {audio: true, video: {width: {ideal: width}, height: {ideal: height}, frameRate: {ideal: 30}, facingMode}};
    const media = await navigator.mediaDevices.getUserMedia(wish).catch(error => {
        throw new Error({
            NotAllowedError: 'The browser may not use camera and microphone. Allow it beside the address of this page, and start again.',
            NotFoundError: 'There is no camera and microphone. Take the test pattern.',
            NotReadableError: 'The camera is in use by another program. End that, or take the test pattern.'
        }[error.name] ?? String(error));
    });
    return {media, end: () => media.getTracks().forEach(track => track.stop())};
}

// --- figures ---

const number = (value, digits = 0) => (Number.isFinite(value) ? value.toFixed(digits) : '–');

// Differences of two readings of getStats(), of what is sent or received.
class Figures {
    constructor(list) {
        this.list = list;
        this.rates = [];
        this.cells = {};
        list.replaceChildren();
    }

    show(name, text, width = '') {
        if (!this.cells[name]) {
            this.cells[name] = element('dd');
            this.list.append(element('div', {className: width}, element('dt', {textContent: name}), this.cells[name]));
        }
        this.cells[name].textContent = text;
        this.cells[name].title = text;
    }

    read(all) {
        const now = {at: performance.now(), bytes: 0, lost: 0, packets: 0};
        all.forEach(entry => {
            const isSent = entry.type === 'outbound-rtp', isReceived = entry.type === 'inbound-rtp';
            if (isSent || isReceived) {
                now.bytes += entry.bytesSent ?? entry.bytesReceived ?? 0;
                now.packets += entry.packetsSent ?? entry.packetsReceived ?? 0;
                now.lost += entry.packetsLost ?? 0;
            }
            if (entry.type === 'remote-inbound-rtp') {
                now.lost += entry.packetsLost ?? 0;
                now.rtt = entry.roundTripTime ?? now.rtt;
            }
            if ((isSent || isReceived) && entry.kind === 'video') {
                now.frames = entry.framesEncoded ?? entry.framesDecoded ?? 0;
                now.freezes = entry.freezeCount;
                now.size = entry.frameWidth ? `${entry.frameWidth}×${entry.frameHeight}` : '–';
                now.codec = all.get(entry.codecId)?.mimeType.slice(6);
                now.limit = entry.qualityLimitationReason;
                now.delay = entry.jitterBufferEmittedCount ? 1000 * entry.jitterBufferDelay / entry.jitterBufferEmittedCount : undefined;
            }
            if (entry.type === 'transport' && entry.selectedCandidatePairId) now.pair = all.get(entry.selectedCandidatePairId);
        });
        return now;
    }

    async update(peer) {
        const all = await peer.getStats(), now = this.read(all), before = this.before ?? now;
        this.before = now;
        const seconds = (now.at - before.at) / 1000 || NaN;
        const kbit = (now.bytes - before.bytes) * 8 / 1000 / seconds;
        if (Number.isFinite(kbit)) this.rates = [...this.rates, kbit].slice(-60);
        const packets = now.packets - before.packets, lost = now.lost - before.lost;
        const roundTrip = now.pair?.currentRoundTripTime ?? now.rtt;
        this.show('Bit rate', `${number(kbit)} kbit/s`);
        this.show('Frames', `${number((now.frames - before.frames) / seconds)} /s`);
        this.show('Round trip', `${number(roundTrip * 1000)} ms`);
        this.show('Lost', `${number(packets + lost > 0 ? 100 * Math.max(0, lost) / (packets + lost) : NaN, 1)} %`);
        if (now.freezes !== undefined) this.show('Freezes', String(now.freezes));
        if (now.delay !== undefined) this.show('Jitter buffer', `${number(now.delay)} ms`);
        if (now.limit !== undefined) this.show('Limited by', now.limit === 'none' ? 'nothing' : now.limit);
        this.show('Picture', `${now.size ?? '–'} ${now.codec ?? ''}`, 'two');
        this.showTrail();
        this.showWay(all, now.pair);
    }

    showWay(all, pair) {
        if (!pair) return this.show('Way', '–', 'all');
        const local = all.get(pair.localCandidateId), remote = all.get(pair.remoteCandidateId);
        const end = each => `${each?.address ?? each?.ip ?? 'hidden address'}:${each?.port ?? '?'} (${each?.candidateType ?? '?'})`;
        const relay = local?.candidateType === 'relay' ? `, TURN over ${local.relayProtocol ?? '?'}` : '';
        this.show('Way', `${end(local)} → ${end(remote)} over ${local?.protocol ?? '?'}${relay}`, 'all');
    }

    showTrail() {
        if (!this.trail) {
            const space = 'http://www.w3.org/2000/svg';
            const svg = document.createElementNS(space, 'svg');
            this.trail = document.createElementNS(space, 'polyline');
            svg.setAttribute('class', 'trail');
            svg.setAttribute('viewBox', '0 0 60 44');
            svg.setAttribute('preserveAspectRatio', 'none');
            svg.setAttribute('aria-hidden', 'true');
            this.trail.setAttribute('vector-effect', 'non-scaling-stroke');
            svg.append(this.trail);
            this.list.append(element('div', {className: 'all'}, element('dt', {textContent: 'Bit rate of the last minute'}), svg));
        }
        const most = Math.max(...this.rates, 1);
        this.trail.setAttribute('points', this.rates.map((rate, i) => `${60 - this.rates.length + i + 1},${41 - 38 * rate / most}`).join(' '));
    }
}

// --- the two halves of the page ---

class Panel {
    constructor(id) {
        this.purpose = id;
        this.root = document.getElementById(id);
        [this.button, this.state, this.notice, this.video, this.list] =
            ['button', '.state', '.notice', 'video', '.figures'].map(what => this.root.querySelector(what));
        this.button.onclick = () => (this.isRunning ? this.stop() : this.start());
    }

    set(kind, word) {
        this.state.dataset.kind = kind;
        this.state.textContent = word;
    }

    async start() {
        if (!settings.reportValidity()) return;
        this.isRunning = true;
        const turn = this.turn = {};  // of this start: what comes later is of no interest after a stop
        this.button.textContent = 'Stop';
        this.root.classList.add('running');
        this.set('pending', 'Connecting');
        tell(this.notice, '');
        try {
            await this.connect(turn);
        } catch (error) {
            if (this.turn === turn) this.fail(error.message);
        }
    }

    async connect(turn) {
        const signalling = this.signalling = new Signalling(this.purpose);
        if (this.prepare) await this.prepare(turn);
        const iceServers = await signalling.choose();
        if (this.turn !== turn) return;
        const {relayOnly} = values();
        if (relayOnly && !iceServers.some(({urls}) => urls.startsWith('turn')))
            throw new Error('The node group has no TURN server, or this token does not open it. Enter one in the form of the node group, under Media.');
        const peer = this.peer = new RTCPeerConnection({iceServers, iceTransportPolicy: relayOnly ? 'relay' : 'all'});
        peer.onconnectionstatechange = () => this.turn === turn && this.changed(peer);
        this.addMedia(peer);
        await peer.setLocalDescription(await peer.createOffer());
        const answer = await signalling.open(peer.localDescription.sdp);
        if (this.turn !== turn) return signalling.close();  // it was stopped meanwhile
        await peer.setRemoteDescription({type: 'answer', sdp: answer});
        this.figures = new Figures(this.list);
        this.clock = setInterval(() => this.figures.update(peer), 1000);
        await sleep(15000);
        if (this.turn === turn && ['new', 'connecting'].includes(peer.connectionState)) this.fail(this.noWay());
    }

    changed(peer) {
        if (peer.connectionState === 'connected') this.set(...this.wordsWhenOn);
        if (peer.connectionState === 'disconnected') this.set('pending', 'Connection lost, trying');
        if (peer.connectionState === 'failed') this.fail(this.noWay());
    }

    noWay() {
        return 'There is no way for media between this browser and the node. A firewall may let neither UDP nor TCP to its WebRTC port through (8189, ' +
               'where nodes do not share an address), or the node does not know the address at which it is reached (--node-address). A TURN server of the node group helps.';
    }

    fail(text) {
        this.stop();
        this.set('critical', 'Failed');
        tell(this.notice, text);
    }

    stop() {
        this.isRunning = false;
        this.turn = undefined;
        clearInterval(this.clock);
        this.peer?.close();
        this.media?.end();
        this.signalling?.close();
        this.peer = this.media = undefined;
        this.video.srcObject = null;
        this.button.textContent = 'Start';
        this.root.classList.remove('running');
        this.set('off', 'Off');
    }
}

class Publisher extends Panel {
    async prepare(turn) {
        const field = name => this.root.querySelector(`[name=${name}]`).value;
        const [width, height] = field('size').split('x').map(Number), source = field('source');
        const media = source === 'pattern' ? patternMedia(width, height)
                                           : await cameraMedia(width, height, source === 'back' ? 'environment' : 'user');
        if (this.turn !== turn) return media.end();
        this.media = media;
        this.codec = field('codec');
        this.video.srcObject = media.media;
    }

    addMedia(peer) {
        for (const track of this.media.media.getTracks()) {
            const sender = peer.addTransceiver(track, {direction: 'sendonly', streams: [this.media.media]});
            if (track.kind !== 'video' || !this.codec) continue;
            const wanted = RTCRtpSender.getCapabilities('video').codecs.filter(({mimeType}) => [this.codec, 'video/rtx'].includes(mimeType));
            if (!wanted.some(({mimeType}) => mimeType === this.codec))
                throw new Error(`This browser does not encode ${this.codec.slice(6)}. Choose another codec.`);
            sender.setCodecPreferences(wanted);
        }
    }

    wordsWhenOn = ['air', 'On air'];
}

class Viewer extends Panel {
    addMedia(peer) {
        const media = new MediaStream();
        for (const kind of ['audio', 'video']) peer.addTransceiver(kind, {direction: 'recvonly'});
        peer.ontrack = ({track}) => { media.addTrack(track); this.video.srcObject = media; };
        const begun = performance.now();
        this.hasPicture = false;
        this.video.requestVideoFrameCallback?.(() => {
            if (!this.isRunning) return;
            this.hasPicture = true;
            this.set(...this.wordsWhenOn);
            this.figures?.show('First picture', `${Math.round(performance.now() - begun)} ms`);
        });
    }

    get wordsWhenOn() { return this.hasPicture ? ['air', 'Playing'] : ['pending', 'Connected, waiting for a picture']; }
}

// --- who is signed in ---

const signInNotice = document.getElementById('signInNotice'), signInButton = document.getElementById('signIn');

async function signIn() {
    const {user, password} = values();
    const text = String.fromCharCode(...new TextEncoder().encode(user + ':' + password));
    tell(signInNotice, '');
    const reply = await call('PUT', '/as/v1/auth/login', {headers: {Authorization: 'Basic ' + btoa(text)}});
    page.account = (await reply.json()).token;
    page.user = user;
    settings.elements.password.value = '';
    const groups = await (await call('GET', '/api/v1/node-groups', {headers: asAccount()})).json();
    page.groups = groups.nodeGroups.map(({group}) => group.name);
    document.getElementById('groups').replaceChildren(...page.groups.map(value => element('option', {value})));
}

signInButton.onclick = async () => {
    try {
        if (page.account) Object.assign(page, {account: '', user: '', groups: undefined});
        else await signIn();
    } catch (error) {
        tell(signInNotice, error.status === 401 ? 'User name or password is wrong.' : error.message);
    }
    document.getElementById('who').textContent = page.account ? `Signed in as ${page.user}` : 'Not signed in';
    signInButton.textContent = page.account ? 'Sign out' : 'Sign in';
};
settings.onsubmit = event => event.preventDefault();

for (const [name, value] of new URLSearchParams(location.search))
    if (['stream', 'nodeGroup'].includes(name)) settings.elements[name].value = value;
const panels = [new Publisher('publish'), new Viewer('watch')];
addEventListener('pagehide', () => panels.forEach(panel => panel.stop()));
if (!navigator.mediaDevices)
    tell(panels[0].notice, 'This page came without HTTPS, so browsers give it no camera. The test pattern works.', 'pending');
