// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { recordKey } from "../../../src/storage/keys.js";
import { CuttingStore, PowerCut } from "../support/cutting-store.js";
import { type FakeMeter, fakeMeter, testKeys } from "../support/fake-application.js";
import { fromHex, hex } from "../support/hex.js";
import { type Form, TestClient, u32 } from "../support/test-client.js";

const getZone = "c001c100080000010000ff0300";
const zone = "c401c10010003c";
const setZone = "c101c100080000010000ff0300100010";

describe("secure channel", () => {
	let meter: FakeMeter;
	const management = (): TestClient => new TestClient(meter.server, 1);

	beforeEach(() => {
		meter = fakeMeter();
	});

	it("answers in the form of the request, with its own title and counter (SEC-pol)", () => {
		const client = management();
		client.dedicatedKey = new Uint8Array(16).fill(0x44);
		client.connect();
		const forms: [Form, number][] = [
			["global", 0xcc],
			["dedicated", 0xd4],
			["general", 0xdb],
			["generalDedicated", 0xdc],
		];
		for (const [form, tag] of forms) {
			client.form = form;
			const answer = client.unprotect(client.send(client.protect(getZone)));
			assert.deepEqual([answer.tag, answer.control, answer.plain], [tag, 0x30, zone]);
		}
		client.form = "global";
		assert.equal(client.unprotect(client.send(client.protect(setZone))).tag, 0xcd);
		assert.equal(client.unprotect(client.send(client.protect("c301c100080000010000ff0601100000"))).tag, 0xcf);
		assert.equal(new Set(client.serverCounters).size, client.serverCounters.length);
		// 1 was the AARE; of pass 4 the challenge was answered (2) before the response was protected (3)
		assert.deepEqual(client.serverCounters, [3, 2, 4, 5, 6, 7, 8, 9]);
	});

	it("refuses a request that is protected less than the policy demands, although it is genuine (SEC-pol)", () => {
		const client = management().connect();
		for (const control of [0x00, 0x10, 0x20, 0x31, 0x32, 0x3f, 0x70, 0xb0, 0xf0]) {
			client.control = control;
			assert.equal(client.send(client.protect(setZone)), "d80105", control.toString(16));
			client.control = 0x30;
			assert.equal(client.ask(getZone), zone);
		}
		assert.equal(client.send(setZone), "d80105"); // plain
		assert.equal(meter.bench.sets, 0);
		assert.equal(client.ask(getZone), zone);
	});

	it("refuses a plain, an authenticated-only and a missing initiate request (SEC-pol)", () => {
		const client = management();
		const plain = client.aarq({ information: client.initiatePlain() });
		assert.match(client.send(plain), /a203020101a305a10302010d$/);
		client.control = 0x10;
		assert.match(client.send(client.aarq()), /a203020101a305a10302010d$/);
		assert.equal(client.send(client.aarq({ information: "" })), "d80103");
	});

	it("protects answers at least like the request, and as the policy demands (SEC-pol)", () => {
		const cases: [policy: number, request: number, response: number][] = [
			[0x00, 0x10, 0x10],
			[0x00, 0x30, 0x30],
			[0x04, 0x10, 0x10],
			[0x24, 0x10, 0x10],
			[0x44, 0x10, 0x30],
			[0x0c, 0x30, 0x30],
			[0x6c, 0x30, 0x30],
		];
		for (const [policy, request, response] of cases) {
			meter = fakeMeter({ policy });
			const client = management();
			client.connect();
			client.control = request;
			const answer = client.unprotect(client.send(client.protect(getZone)));
			assert.deepEqual([answer.control, answer.plain], [response, zone], `policy ${policy}`);
			client.control = 0x20; // encryption alone proves nothing
			assert.equal(client.send(client.protect(getZone)), "d80105");
			assert.equal(client.send(getZone), "d80105"); // plain is never taken in a ciphered association
		}
	});

	it("opens with a plain initiate request only while the policy is 0, the factory state", () => {
		meter = fakeMeter({ policy: 0 });
		const client = management();
		client.takeChallenge(client.send(client.aarq({ information: client.initiatePlain() })));
		assert.match(client.ask(client.reply()), /^c701c10001/);
		assert.equal(client.ask(getZone), zone);
	});

	it("refuses another originator in general ciphering (SEC-title)", () => {
		const client = management().connect();
		client.form = "general";
		assert.equal(client.ask(getZone), zone);
		client.title = fromHex("4d4d4d0000000002");
		assert.equal(client.send(client.protect(getZone)), "d80105");
		const genuine = fromHex("4d4d4d0000000001");
		client.title = genuine;
		const other = client.protect(getZone);
		other[9] = 2;
		assert.equal(client.send(other), "d80105");
		const without = Buffer.concat([Uint8Array.of(0xdb, 0), client.protect(getZone).subarray(10)]);
		assert.equal(client.send(new Uint8Array(without)), "d80105");
		assert.equal(client.ask(getZone), zone);
	});

	it("gives one answer to every damage of tag, text, header or length (SEC-tag)", () => {
		const client = management().connect();
		const genuine = client.protect(setZone);
		for (let n = 1; n < genuine.length; n++) {
			for (const bit of [1, 0x80]) {
				if (n >= 3 && n <= 6) continue; // the counter: its own test
				const forged = genuine.slice();
				forged[n]! ^= bit;
				assert.equal(client.send(forged), "d80105", `octet ${n}`);
				assert.equal(client.ask(getZone), zone); // ten failures in a row would end the association
			}
		}
		for (let length = 2; length < genuine.length; length++) {
			assert.equal(client.send(genuine.subarray(0, length)), "d80105");
			assert.equal(client.ask(getZone), zone);
		}
		const short = new Uint8Array([genuine[0]!, genuine[1]! - 1, ...genuine.subarray(2, genuine.length - 1)]);
		assert.equal(client.send(short), "d80105");
		assert.equal(meter.bench.sets, 0);
	});

	it("refuses a tag that does not belong to the service inside", () => {
		const client = management().connect();
		assert.equal(client.send(client.protect(getZone, 0xc9)), "d80103");
		assert.equal(client.send(client.protect(setZone, 0xc8)), "d80103");
		assert.equal(client.send(client.protect("", 0xc8)), "d80103");
		assert.equal(meter.bench.sets, 0);
	});

	it("refuses repeated and older counters with the one it expects (SEC-replay, SEC-ic)", () => {
		const client = management().connect();
		const request = client.protect(setZone);
		const used = client.counter - 1;
		assert.equal(client.unprotect(client.send(request.slice())).plain, "c501c100");
		assert.equal(client.send(request.slice()), `d80106${hex(u32(used + 1))}`);
		assert.equal(meter.bench.sets, 1);
		assert.deepEqual(meter.bench.events.at(-1), [50, 1]);
		client.counter = used - 1;
		assert.equal(client.send(client.protect(getZone)), `d80106${hex(u32(used + 1))}`);
		client.counter = used + 1;
		assert.equal(client.ask(getZone), "c401c100100010");
		client.counter += 500; // a jump is taken
		assert.equal(client.ask(getZone), "c401c100100010");
	});

	it("refuses a replayed AARQ the same way", () => {
		const client = management();
		const aarq = client.aarq();
		client.takeChallenge(client.send(aarq));
		assert.equal(client.send(aarq), "d8010600000002");
	});

	it("does not move its counter for a forged one (SEC-replay)", () => {
		const client = management().connect();
		const forged = client.protect(getZone);
		forged.set(u32(0xffff_0000), 3);
		assert.equal(client.send(forged), "d80105");
		assert.equal(client.ask(getZone), zone);
		const attacker = management();
		attacker.encryptionKey = new Uint8Array(16);
		attacker.counter = 0xf000_0000;
		attacker.send(attacker.aarq());
		assert.equal(meter.application.security.invocationCounter(0), client.counter - 1);
	});

	it("notes a jump above 2^20, and stops at the end of the range (SEC-ic, SEC-replay)", () => {
		const client = management().connect();
		client.counter += 2 ** 20 - 1;
		assert.equal(client.ask(getZone), zone);
		assert.equal(meter.bench.events.length, 0);
		client.counter += 2 ** 20;
		assert.equal(client.ask(getZone), zone);
		assert.deepEqual(meter.bench.events, [[243, 1]]);
		client.counter = 0xffff_ffff;
		assert.equal(client.ask(getZone), zone);
		assert.deepEqual(meter.bench.events.at(-1), [241, 1]);
		client.counter = 0xffff_ffff;
		assert.equal(client.send(client.protect(getZone)), "d80106ffffffff");
	});

	it("warns once when a client's counter comes near its end, 2^24 before it (SEC-ic)", () => {
		const client = management().connect();
		client.counter = 0xff00_0000 - 1;
		assert.equal(client.ask(getZone), zone);
		const warnings = () => meter.bench.events.filter(([event]) => event === 241);
		assert.deepEqual(warnings(), []);
		for (let n = 0; n < 3; n++) assert.equal(client.ask(getZone), zone);
		assert.deepEqual(warnings(), [[241, 1]]);
		client.counter += 1000;
		assert.equal(client.ask(getZone), zone);
		assert.equal(warnings().length, 1);
		client.counter = 0xffff_ffff;
		assert.equal(client.ask(getZone), zone);
		assert.equal(warnings().length, 2, "and when it is there");
	});

	it("warns once when its own counter comes near its end, also where a cut has skipped the threshold (SEC-ic)", () => {
		const store = new CuttingStore();
		const first = [1, 0, 0, 0, 0];
		store.write(recordKey.sendCounters + 1, Uint8Array.of(...first, 0xfe, 0xff, 0xfc, 0x17)); // 1001 below
		meter = fakeMeter({ store });
		const warnings = () => meter.bench.events.filter(([event]) => event === 241).length;
		let client = management().connect();
		assert.equal(warnings(), 0, "up to one below the threshold is reserved");
		const counter = client.counter;
		meter = fakeMeter({ store });
		client = management();
		client.counter = counter;
		client.connect();
		assert.deepEqual(meter.bench.events, [[241, 1]]);
		for (let n = 0; n < 1100; n++) client.ask(getZone);
		assert.equal(warnings(), 1);
		const last = client.counter;
		meter = fakeMeter({ store });
		client = management();
		client.counter = last;
		client.connect();
		assert.equal(warnings(), 0, "it is known");
	});

	it("stores the received counter before a request changes anything, wherever power is cut (SEC-ic)", () => {
		for (let cutAt = 1; cutAt < 8; cutAt++) {
			for (const isCutAfterWrite of [false, true]) {
				const store = new CuttingStore();
				meter = fakeMeter({ store });
				const client = management();
				client.connect();
				store.writes = 0;
				store.cutAt = cutAt;
				store.isCutAfterWrite = isCutAfterWrite;
				const requests: Uint8Array[] = [];
				try {
					for (let n = 0; n < 6; n++) {
						requests.push(client.protect(setZone));
						// the object changes in memory only; what counts is whether it was reached
						client.send(requests.at(-1)!.slice());
						if (meter.messages.length > 0) throw new PowerCut();
					}
				} catch (error) {
					if (!(error instanceof PowerCut)) throw error;
				}
				const reached = meter.bench.sets;
				store.cutAt = Infinity;
				meter = fakeMeter({ store, seed: "after the cut" });
				const again = management();
				again.counter = client.counter + 10;
				// replays of all that took effect are refused after the restart
				assert.ok(meter.application.security.invocationCounter(0) >= 3 + reached, `cut ${cutAt}`);
				again.connect();
			}
		}
	});

	it("never uses a send counter twice over restarts (SEC-ic)", () => {
		const store = new CuttingStore();
		const all: number[] = [];
		let counter = 1;
		for (let restart = 0; restart < 10; restart++) {
			meter = fakeMeter({ store, seed: `run ${restart}` });
			const client = management();
			client.counter = counter;
			client.connect();
			for (let n = 0; n < 30; n++) client.ask(getZone);
			all.push(...client.serverCounters);
			counter = client.counter;
		}
		assert.equal(new Set(all).size, all.length);
		assert.equal(all.length, 10 * (30 + 2));
	});

	it("sends nothing protected when its counter is used up", () => {
		const store = new CuttingStore();
		store.write(recordKey.sendCounters + 1, Uint8Array.of(1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xfb));
		meter = fakeMeter({ store });
		const client = management();
		client.connect(); // FFFFFFFC, FFFFFFFD (pass 4), FFFFFFFE
		assert.equal(client.ask(getZone), "d80103");
		assert.deepEqual(meter.bench.events.at(-1), [241, 1]);
		const other = management();
		other.counter = 100;
		assert.match(other.send(other.aarq()), /a203020102a305a103020101$/);
	});

	it("locks a client out of a port after three wrong keys, with growing delay, and no other (SEC-lock)", () => {
		const attacker = management();
		attacker.encryptionKey = new Uint8Array(16);
		const reject = /a203020101a305a10302010d$/;
		const locked = /a203020102a305a103020101$/;
		for (let n = 0; n < 3; n++) assert.match(attacker.send(attacker.aarq()), reject);
		assert.deepEqual(meter.bench.events, [[46, 1]]);
		assert.match(attacker.send(attacker.aarq()), locked);
		const genuine = management();
		assert.match(genuine.send(genuine.aarq()), locked);
		new TestClient(meter.server, 1, "optical").connect();
		new TestClient(meter.server, 2).connect();
		meter.bench.now_ms += 1000;
		assert.match(attacker.send(attacker.aarq()), reject);
		meter.bench.now_ms += 1999;
		assert.match(attacker.send(attacker.aarq()), locked);
		meter.bench.now_ms += 1;
		genuine.counter = 50;
		genuine.connect();
		for (let n = 0; n < 2; n++) assert.match(attacker.send(attacker.aarq()), reject);
		assert.equal(meter.bench.events.filter(([event]) => event === 46).length, 1);
	});

	it("locks out after wrong answers to its challenge as well", () => {
		const client = management();
		for (let n = 0; n < 3; n++) {
			client.takeChallenge(client.send(client.aarq()));
			assert.match(client.ask(client.reply(new Uint8Array(32))), /^c701c1fa00/);
		}
		assert.match(client.send(client.aarq()), /a203020102a305a103020101$/);
		const unknown = new TestClient(meter.server, 99);
		for (let n = 0; n < 3; n++) assert.match(unknown.send(unknown.aarq()), /0d$/);
		assert.match(unknown.send(unknown.aarq()), /a203020102a305a103020101$/); // nothing tells it from a known one
	});

	it("F126 SEC-replay: counts a repeated counter like a wrong key, in an AARQ and in an association, until a right APDU", () => {
		const locked = /a203020102a305a103020101$/;
		const client = management();
		const aarq = client.aarq();
		client.takeChallenge(client.send(aarq.slice()));
		for (let n = 0; n < 3; n++) assert.equal(client.send(aarq.slice()), "d8010600000002");
		assert.match(client.send(aarq.slice()), locked);
		assert.equal(meter.bench.events.filter(([event]) => event === 50).length, 3);
		meter.bench.now_ms += 1000;
		client.connect();
		const request = client.protect(getZone);
		const answer = () => client.send(request.slice()).slice(0, 6);
		assert.equal(answer().slice(0, 2), "cc");
		for (let n = 0; n < 2; n++) assert.equal(answer(), "d80106");
		assert.equal(client.ask(getZone), zone); // forgiven
		for (let n = 0; n < 3; n++) assert.equal(answer(), "d80106");
		const other = management();
		other.counter = client.counter;
		assert.match(other.send(other.aarq()), locked);
		assert.equal(client.ask(getZone), zone, "who is in stays in");
		other.connect();
	});

	it("SEC-replay: what is sent to a group and comes twice locks nobody and is a failure of nobody", () => {
		const group = new TestClient(meter.server, 102);
		group.encryptionKey = meter.application.security.setup(2).key(1);
		group.control = 0x70;
		group.form = "general";
		const request = group.protect(setZone);
		for (let n = 0; n < 5; n++) assert.equal(group.send(request.slice()), "");
		assert.equal(meter.application.portProtection.failedAttempts("tcp"), 0);
	});

	it("counts wrong tags, reports them once, and ends the association after ten in a row (SEC-tag)", () => {
		const client = management().connect();
		const forge = (): string => {
			const forged = client.protect(getZone);
			forged[forged.length - 1]! ^= 1;
			return client.send(forged);
		};
		for (let n = 0; n < 9; n++) assert.equal(forge(), "d80105");
		assert.deepEqual(meter.bench.events, [[49, 1]]);
		assert.equal(client.ask(getZone), zone);
		assert.deepEqual(meter.bench.events, [
			[49, 1],
			[250, 1],
		]);
		for (let n = 0; n < 10; n++) assert.equal(forge(), "d80105");
		assert.equal(client.ask(getZone), "d80101");
	});

	it("takes the dedicated key for one association only, with a counter of its own", () => {
		const client = management();
		client.dedicatedKey = new Uint8Array(16).fill(0x44);
		client.connect();
		const global = client.counter;
		client.form = "dedicated";
		client.counter = 0;
		assert.equal(client.ask(getZone), zone);
		assert.equal(client.ask(getZone), zone);
		client.counter = 1;
		assert.equal(client.send(client.protect(getZone)), "d8010600000002");
		client.counter = global;
		const key = client.dedicatedKey;
		client.form = "global";
		client.dedicatedKey = undefined;
		client.connect();
		client.dedicatedKey = key;
		client.form = "dedicated";
		assert.equal(client.send(client.protect(getZone)), "d80105");
		const wrong = management();
		wrong.counter = 500;
		wrong.dedicatedKey = new Uint8Array(15);
		assert.equal(wrong.send(wrong.aarq()), "d80103");
	});

	it("has no keys for the public client", () => {
		const client = new TestClient(meter.server, 16).connect();
		for (const form of ["global", "general"] as const) {
			client.form = form;
			assert.equal(client.send(client.protect(getZone)), "d80105");
		}
		assert.equal(client.ask(getZone), zone);
	});

	it("shows no key in any answer or message (SEC-store)", () => {
		const client = management().connect();
		const answers: string[] = [];
		for (const name of ["00002b0000ff", "00002b0001ff", "0000280000ff", "0000280001ff"]) {
			for (let attribute = 0; attribute < 13; attribute++) {
				answers.push(client.get(name.startsWith("00002b") ? 64 : 15, name, attribute));
			}
		}
		for (const key of Object.values(testKeys)) {
			assert.ok(!answers.join().includes(hex(key)) && !meter.messages.join().includes(hex(key)));
		}
	});
});
