// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import WebSocket from "ws";
import { ListenError } from "../../../../hosts/simulator/links/listen-error.js";
import { isLoopback } from "../../../../hosts/simulator/panel/access-guard.js";
import { greatestNumberOfViewers } from "../../../../hosts/simulator/panel/live-feed.js";
import { createPanel, type Panel, type PanelOptions } from "../../../../hosts/simulator/panel/panel.js";
import { FakeInstrument } from "./fake-instrument.js";

type Headers = Readonly<Record<string, string>>;

describe("SEC-ctl: access to the panel", () => {
	let instrument: FakeInstrument;
	let panel: Panel;

	async function open(host: string, more: Partial<PanelOptions> = {}): Promise<void> {
		instrument = new FakeInstrument();
		panel = await createPanel({ host, port: 0, instrument, ...more });
	}

	/** Status of a request; Host is the true one unless given. */
	function status(path: string, headers: Headers = {}, method = "GET", body?: object): Promise<number> {
		return new Promise((resolve, reject) => {
			const type = body === undefined ? {} : { "content-type": "application/json" };
			const sent = request({ host: "127.0.0.1", port: panel.port, path, method, headers: { ...type, ...headers } });
			sent.on("error", reject);
			sent.on("response", (response) => {
				response.resume();
				assert.equal(response.headers["access-control-allow-origin"], undefined);
				resolve(response.statusCode!);
			});
			sent.end(body === undefined ? undefined : JSON.stringify(body));
		});
	}

	/** "open", or the status with which the WebSocket was refused. */
	function live(headers: Headers = {}, protocols: string[] = []): Promise<string> {
		const socket = new WebSocket(`ws://127.0.0.1:${panel.port}/api/live`, protocols, { headers });
		return new Promise((resolve) => {
			socket.on("error", () => undefined);
			socket.on("unexpected-response", (_request, response) => {
				resolve(String(response.statusCode));
				socket.terminate();
			});
			socket.on("open", () => {
				resolve("open");
				socket.terminate();
			});
		});
	}

	async function viewer(): Promise<WebSocket> {
		const socket = new WebSocket(`ws://127.0.0.1:${panel.port}/api/live`);
		await once(socket, "message");
		return socket;
	}

	it("knows addresses of this machine alone", () => {
		for (const host of ["127.0.0.1", "127.8.9.10", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"]) {
			assert.equal(isLoopback(host), true, host);
		}
		for (const host of [
			"0.0.0.0",
			"::",
			"192.168.1.7",
			"127.0.0.1.example.org",
			"localhost.example.org",
			"127.evil",
			"",
		]) {
			assert.equal(isLoopback(host), false, host);
		}
	});

	describe("on loopback", () => {
		beforeEach(() => open("127.0.0.1"));
		afterEach(() => panel.close());

		it("needs no token", async () => {
			assert.equal(panel.token, undefined);
			assert.equal(await status("/api/state"), 200);
			assert.equal(await status("/"), 200);
			assert.equal(await live(), "open");
		});

		it("refuses a Host that is not this machine (DNS rebinding)", async () => {
			for (const host of [
				"meter.example.org",
				`attacker.example:${panel.port}`,
				"192.168.1.7",
				"127.0.0.1.example.org",
				"127.0.0.1@evil",
			]) {
				for (const path of ["/", "/api/state", "/style.css"]) assert.equal(await status(path, { host }), 403, host);
				assert.equal(await live({ host }), "403", host);
			}
			for (const host of ["localhost", `localhost:${panel.port}`, "127.0.0.1:9999", "[::1]:80"]) {
				assert.equal(await status("/api/state", { host }), 200, host);
			}
		});

		it("refuses requests of other web pages, also WebSockets", async () => {
			for (const origin of [
				"http://example.org",
				"null",
				`https://127.0.0.1:${panel.port}`,
				"http://127.0.0.1:1",
				"http://localhost",
			]) {
				assert.equal(await status("/api/state", { origin }), 403, origin);
				assert.equal(await status("/api/power", { origin }, "POST", { action: "cut" }), 403, origin);
				assert.equal(await live({ origin }), "403", origin);
			}
			assert.equal(instrument.isPowered, true);
			const origin = `http://127.0.0.1:${panel.port}`;
			assert.equal(await status("/api/state", { origin }), 200);
			assert.equal(await live({ origin }), "open");
		});

		it("refuses what a browser marks as coming from another site, but lets a link open the page", async () => {
			for (const site of ["cross-site", "same-site"]) {
				assert.equal(await status("/api/state", { "sec-fetch-site": site }), 403);
				assert.equal(await status("/", { "sec-fetch-site": site }), 200);
			}
			for (const site of ["same-origin", "none"])
				assert.equal(await status("/api/state", { "sec-fetch-site": site }), 200);
		});

		it("gives a preflight request nothing to go by", async () => {
			const headers = { origin: "http://example.org", "access-control-request-method": "PUT" };
			assert.equal(await status("/api/mains", headers, "OPTIONS"), 403);
		});

		it("serves its own files only", async () => {
			for (const path of [
				"/app/..%2fpanel.js",
				"/app/../panel.js",
				"/app/%2e%2e%2fpanel.js",
				"/app/main.ts",
				"/app/tsconfig.js",
				"/library/../../package.json",
				"/package.json",
				"/index.html",
				"/tsconfig.json",
				"//etc/passwd",
			]) {
				assert.equal(await status(path), 404, path);
			}
		});

		it("sends the page with a policy that lets it talk to nobody else", async () => {
			const response = await fetch(`http://127.0.0.1:${panel.port}/`);
			const policy = response.headers.get("content-security-policy") ?? "";
			assert.match(policy, /default-src 'none'/);
			assert.match(policy, /connect-src 'self'/);
			assert.match(policy, /frame-ancestors 'none'/);
			assert.doesNotMatch(policy, /script-src[^;]*unsafe/);
			assert.equal(response.headers.get("x-content-type-options"), "nosniff");
			assert.doesNotMatch(await response.text(), /https?:\/\//);
		});

		it("tells who asks for the feed without a WebSocket what it is", async () => {
			assert.equal(await status("/api/live"), 426);
		});
	});

	describe("elsewhere", () => {
		beforeEach(() => open("0.0.0.0"));
		afterEach(() => panel.close());

		it("needs the token for everything below /api, and for nothing else", async () => {
			assert.match(panel.token!, /^[\w-]{32}$/);
			assert.equal(await status("/"), 200);
			assert.equal(await status("/app/main.js"), 200);
			const good = { authorization: `Bearer ${panel.token}` };
			for (const path of ["/api/state", "/api/leds", "/api/openapi.json"]) {
				assert.equal(await status(path), 401, path);
				assert.equal(await status(path, good), 200, path);
			}
			for (const wrong of [
				"",
				"Bearer",
				"Bearer ",
				`Basic ${panel.token}`,
				`Bearer ${panel.token}x`,
				`Bearer ${panel.token!.slice(1)}`,
			]) {
				assert.equal(await status("/api/state", { authorization: wrong }), 401, wrong);
			}
			assert.equal(await status("/api/power", {}, "POST", { action: "cut" }), 401);
			assert.equal(instrument.isPowered, true);
			assert.equal(await status("/api/power", good, "POST", { action: "cut" }), 200);
			assert.equal(instrument.isPowered, false);
		});

		it("takes the token of a WebSocket as header or as subprotocol", async () => {
			assert.equal(await live(), "401");
			assert.equal(await live({}, ["sx402.live", "bearer.wrong"]), "401");
			assert.equal(await live({ authorization: `Bearer ${panel.token}` }), "open");
			assert.equal(await live({}, ["sx402.live", `bearer.${panel.token}`]), "open");
		});

		it("never gives the token back in an answer", async () => {
			const headers = { authorization: `Bearer ${panel.token}` };
			for (const path of ["/", "/api/state", "/api/openapi.json", "/api/nothing"]) {
				const response = await fetch(`http://127.0.0.1:${panel.port}${path}`, { headers });
				const text = JSON.stringify([...response.headers]) + (await response.text());
				assert.equal(text.includes(panel.token!), false, path);
			}
		});

		it("is known by any address, but by no foreign name", async () => {
			const authorization = `Bearer ${panel.token}`;
			for (const host of ["192.168.1.7:8080", "[2001:db8::1]", "localhost"]) {
				assert.equal(await status("/api/state", { host, authorization }), 200, host);
			}
			assert.equal(await status("/api/state", { host: "meter.example.org", authorization }), 403);
		});

		it("has a token of its own in every run", async () => {
			const other = await createPanel({ host: "0.0.0.0", port: 0, instrument });
			assert.notEqual(other.token, panel.token);
			await other.close();
		});
	});

	describe("and its limits", () => {
		beforeEach(() => open("127.0.0.1"));
		afterEach(() => panel.close());

		it("pushes the state at once, then again and again", async () => {
			const socket = new WebSocket(`ws://127.0.0.1:${panel.port}/api/live`);
			const [first] = await once(socket, "message");
			assert.deepEqual(JSON.parse(String(first)), JSON.parse(JSON.stringify(instrument.state())));
			instrument.picture = { code: "2.8.0", value: "0000000.1", unit: "kWh" };
			const [second] = await once(socket, "message");
			assert.equal(JSON.parse(String(second)).display.code, "2.8.0");
			socket.terminate();
		});

		it("shows a change to all viewers before the request is answered", async () => {
			const socket = await viewer();
			const seen: number[] = [];
			socket.on("message", (data) => seen.push(JSON.parse(String(data)).mains.frequency_Hz));
			const pushed = once(socket, "message");
			await status("/api/mains", {}, "PUT", { frequency_Hz: 51 });
			await pushed;
			assert.equal(seen.at(-1), 51);
			socket.terminate();
		});

		it("drops a viewer who talks too much, and takes no more than it can serve", async () => {
			const talker = await viewer();
			talker.on("error", () => undefined);
			const closed = once(talker, "close");
			talker.send("x".repeat(5000));
			assert.equal((await closed)[0], 1009); // message too big, RFC 6455 7.4.1
			const viewers = await Promise.all(Array.from({ length: greatestNumberOfViewers }, viewer));
			const late = new WebSocket(`ws://127.0.0.1:${panel.port}/api/live`);
			assert.equal((await once(late, "close"))[0], 1013); // try again later
			for (const socket of viewers) socket.terminate();
			assert.equal(await status("/api/state"), 200);
		});

		it("closes with viewers and half-sent requests on its lines", async () => {
			const socket = await viewer();
			const closed = once(socket, "close");
			const idle = connect(panel.port, "127.0.0.1");
			idle.on("error", () => undefined);
			await once(idle, "connect");
			idle.write("PUT /api/mains HTTP/1.1\r\nHost: localhost\r\n");
			await panel.close();
			await closed;
			idle.destroy();
		});

		it("hangs up on refused and malformed WebSockets", async () => {
			const upgrade = (path: string, ...headers: string[]) =>
				[`GET ${path} HTTP/1.1`, "Connection: Upgrade", "Upgrade: websocket", ...headers, "", ""].join("\r\n");
			for (const bytes of [
				upgrade(
					"/api/live",
					"Host: example.org",
					"Sec-WebSocket-Version: 13",
					"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
				),
				upgrade("/api/live", "Host: localhost", "Origin: http://example.org"),
				upgrade("/api/live", "Host: localhost"),
				upgrade("/api/live", "Host: localhost", "Sec-WebSocket-Version: 7", "Sec-WebSocket-Key: short"),
				upgrade(
					"/api/state",
					"Host: localhost",
					"Sec-WebSocket-Version: 13",
					"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
				),
				upgrade("/nothing", "Host: localhost"),
				upgrade("/%zz", "Host: localhost"),
				upgrade("/api/live", "Host:"),
			]) {
				const socket = connect(panel.port, "127.0.0.1");
				let answer = "";
				socket.on("data", (data) => {
					answer += String(data);
				});
				socket.on("error", () => undefined);
				socket.write(bytes);
				await once(socket, "close");
				assert.doesNotMatch(answer, /"nameplate"/, bytes);
			}
			assert.equal(await status("/api/state"), 200);
		});

		it("says which port is taken", async () => {
			await assert.rejects(createPanel({ host: "127.0.0.1", port: panel.port, instrument }), (error) => {
				assert.ok(error instanceof ListenError);
				assert.deepEqual([error.code, error.port, error.host], ["EADDRINUSE", panel.port, "127.0.0.1"]);
				return true;
			});
		});
	});
});
