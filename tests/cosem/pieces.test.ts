// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { HdlcSession } from "../../src/cosem/hdlc/hdlc-session.js";
import { defaultHdlcSetup } from "../../src/cosem/hdlc/hdlc-setup.js";
import { wrapperHeaderSize } from "../../src/cosem/wrapper/wrapper-header.js";
import { WrapperSession } from "../../src/cosem/wrapper/wrapper-session.js";
import { st402d } from "../../src/models/model.js";
import type { LinkSession, LinkSink } from "../../src/ports/link.js";
import type { Pace } from "../../src/ports/pace.js";
import { MeterBench, readEntries } from "../events/meter-bench.js";
import { type AccessItem, accessResults, encodeAccess, exchange, exchangeInBlocks } from "../support/client/access.js";
import { type Data, encodeData } from "../support/client/axdr.js";
import { concat } from "../support/client/bytes.js";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { decodeDateTime, toUnix_ms } from "../support/client/date-time.js";
import type { Duplex } from "../support/client/duplex.js";
import { wrapKey } from "../support/client/general.js";
import { accessBit } from "../support/client/object-list.js";
import { decodeResponse, encodeGet, encodeSet } from "../support/client/services.js";
import { clientSap, testKeys, testSecurity } from "../support/client/test-client.js";
import { groupShift } from "../support/group-message.js";

/** Spent at each look: whatever may wait does. */
const spent: Pace = Object.freeze({ begin: () => undefined, isSpent: true });

/** As management is granted it: everything. */
const conformance = 0x60_7edf;
const gloGetResponse = 0xcc;
const gloSetResponse = 0xcd;
const success = 0;
const specialDays = ref(11, "0-0:11.0.0.255");
const name = ref(1, "0-0:96.1.1.255");
const loadProfile = ref(7, "1-0:99.1.0.255");
const standardLog = 0;
const parameterChanged = 47;

function days(count: number): Data {
	const date = (n: number) => data.octetString(Uint8Array.of(0xff, 0xff, 1 + (n % 12), 1 + n, 0xff));
	const entry = (n: number) => data.structure(data.longUnsigned(n + 1), date(n), data.unsigned(1));
	return data.array(...Array.from({ length: count }, (_, n) => entry(n)));
}

/** A meter whose requests rest wherever they may, and links to it on which time passes by hand. */
class RestingBench {
	readonly bench = new MeterBench({ model: st402d, pace: spent });
	readonly handler = this.bench.simulated.handler;
	readonly #first = new Map<number, number>();

	constructor() {
		this.bench.run(20);
	}

	get isResting(): boolean {
		return this.handler.nextDeadline_ms === 0;
	}

	/** One turn of what rests. */
	turn(): void {
		this.handler.advance(this.bench.simulated.monotonic_ms());
	}

	line(open: (sink: LinkSink) => LinkSession): { readonly duplex: Duplex; readonly session: LinkSession } {
		const duplex: Duplex = {
			write: (bytes) => session.receive(bytes, this.bench.simulated.monotonic_ms()),
			close: () => session.close(),
			onData: () => undefined,
			onClose: () => undefined,
		};
		const sink = { send: (bytes: Uint8Array) => duplex.onData(bytes.slice()), disconnect: () => duplex.onClose() };
		const session = open(sink);
		return { duplex, session };
	}

	readonly wrapper = (sink: LinkSink): LinkSession =>
		new WrapperSession(
			sink,
			this.handler,
			{ port: "tcp", name: "wrapper" },
			{ simultaneousConnections: 4, inactivityTimeout_s: 0 },
			{ maximumApdu: 0x1000 },
			0,
		);

	readonly hdlc = (sink: LinkSink): LinkSession =>
		new HdlcSession(sink, this.handler, { port: "optical", name: "hdlc" }, defaultHdlcSetup(1), {
			maximumApdu: 0x1000,
			maximumInformation: 128,
			connections: 1,
		});

	/** Associated; nothing of that rests. */
	async open(
		link: "wrapper" | "hdlc",
		sap: number = clientSap.management,
		keys: Parameters<typeof testSecurity>[0] = {},
	) {
		const first = this.#first.get(sap) ?? 1;
		this.#first.set(sap, first + 1000);
		const { duplex, session } = this.line(this[link]);
		const options = {
			conformance,
			clientSap: sap,
			security: testSecurity({ ...keys, first }),
			timeout_ms: 1000,
			signOn: "direct",
		} as const;
		const client =
			link === "wrapper" ? DlmsClient.overWrapper(duplex, options) : await DlmsClient.overHdlc(duplex, options);
		await client.associate();
		return { client, session, duplex };
	}

	/** Begins an exchange that rests. */
	async begin<Value>(
		exchange: () => Promise<Value>,
	): Promise<{ isAnswered(): boolean; readonly answer: Promise<Value> }> {
		let isAnswered = false;
		const answer = exchange().finally(() => {
			isAnswered = true;
		});
		answer.catch(() => undefined);
		while (!this.isResting && !isAnswered) await new Promise(setImmediate);
		assert.ok(!isAnswered, "answered at once");
		return { isAnswered: () => isAnswered, answer };
	}

	/** Ends what rests. @returns the turns it took */
	async end(): Promise<number> {
		let turns = 0;
		while (this.isResting) {
			this.turn();
			turns++;
			await new Promise(setImmediate);
		}
		return turns;
	}
}

describe("requests over several turns", () => {
	for (const link of ["wrapper", "hdlc"] as const) {
		it(`SET of a long value over ${link}: the answer comes with the last turn, and nothing is changed before`, async () => {
			const resting = new RestingBench();
			const { client } = await resting.open(link);
			const request = await resting.begin(() => client.set(specialDays, 2, days(12)));
			for (let turn = 0; turn < 13; turn++) {
				assert.ok(resting.isResting);
				assert.ok(!request.isAnswered());
				resting.turn();
				await new Promise(setImmediate);
			}
			assert.equal(await resting.end(), 1);
			assert.equal(await request.answer, success);
			assert.deepEqual(await client.read(specialDays, 2), days(12));
		});

		it(`lists of SET and of ACTION over ${link}: one item a turn`, async () => {
			const resting = new RestingBench();
			const { client } = await resting.open(link);
			const texts = Array.from({ length: 5 }, (_, n) => data.octetString(`text ${n}`));
			const names = texts.map(() => ({ ref: name, attribute: 2 }));
			const setting = await resting.begin(() => client.setMany(names, texts));
			assert.equal(await resting.end(), 5);
			assert.deepEqual(await setting.answer, [0, 0, 0, 0, 0]);
			assert.equal(Buffer.from(asOctets(await client.read(name, 2))).toString(), "text 4");
			const before = asNumber(await client.read(loadProfile, 7));
			const captures = texts.map(() => ({ ref: loadProfile, method: 2 }));
			const acting = await resting.begin(() =>
				client.actionMany(
					captures,
					texts.map(() => data.integer(0)),
				),
			);
			assert.ok((await resting.end()) >= 5);
			assert.deepEqual(
				(await acting.answer).map(({ result }) => result),
				[0, 0, 0, 0, 0],
			);
			assert.equal(asNumber(await client.read(loadProfile, 7)), before + 5);
		});

		it(`in blocks over ${link}: it is the last one whose answer waits`, async () => {
			const resting = new RestingBench();
			const { client } = await resting.open(link);
			const request = await resting.begin(() => client.set(specialDays, 2, days(20), 100));
			await resting.end();
			assert.equal(await request.answer, success);
			assert.deepEqual(await client.read(specialDays, 2), days(20));
		});
	}

	it("F163: ACCESS of several changes, and a long SET in general blocks", async () => {
		const resting = new RestingBench();
		const { client } = await resting.open("wrapper");
		const { association } = client;
		const change = (text: string) => encodeData(data.octetString(text));
		const items: AccessItem[] = [
			{ kind: "set", object: name, index: 2, value: change("one") },
			{ kind: "get", object: name, index: 2 },
			{ kind: "set", object: specialDays, index: 2, value: encodeData(days(5)) },
			{ kind: "set", object: name, index: 2, value: change("two") },
		];
		const access = await resting.begin(() => exchange(association, encodeAccess(items)));
		assert.ok((await resting.end()) > 6);
		const plain = await access.answer;
		assert.deepEqual(accessResults(plain, 4), [0, 0, 0, 0]);
		assert.ok(Buffer.from(plain).includes("one"));
		assert.deepEqual(await client.read(specialDays, 2), days(5));
		const long = encodeSet({ id: 6 }, { ref: specialDays, attribute: 2 }, days(8));
		const blocks = await resting.begin(() => exchangeInBlocks(association, long, { size: 50 }));
		await resting.end();
		const response = decodeResponse((await blocks.answer).plain);
		assert.deepEqual(response, { kind: "set", invocation: 0xc6, result: success });
		assert.deepEqual(await client.read(specialDays, 2), days(8));
	});

	it("SEC-keys: a key that an item of a list transfers is in force when the answer is protected, and not before", async () => {
		const resting = new RestingBench();
		const { client } = await resting.open("wrapper");
		const unicastKey = new Uint8Array(16).fill(0x5a);
		const wrapped = data.octetString(wrapKey(testKeys.masterKey, unicastKey));
		const methods = [
			{ ref: ref(64, "0-0:43.0.0.255"), method: 2 },
			{ ref: loadProfile, method: 2 },
		];
		const request = await resting.begin(() =>
			client.actionMany(methods, [data.array(data.structure(data.enum(0), wrapped)), data.integer(0)]),
		);
		assert.ok((await resting.end()) > 1);
		assert.deepEqual(
			(await request.answer).map(({ result }) => result),
			[0, 0],
		);
		await assert.rejects(client.read(name, 2));
		const { client: renewed } = await resting.open("wrapper", clientSap.management, { unicastKey });
		assert.equal(asOctets(await renewed.read(ref(8, "0-0:1.0.0.255"), 2)).length, 12);
	});

	it("another client's request ends what rests, and sees its change", async () => {
		const resting = new RestingBench();
		const { client } = await resting.open("wrapper");
		const { client: other } = await resting.open("hdlc", clientSap.reader);
		const request = await resting.begin(() => client.set(specialDays, 2, days(9)));
		resting.turn();
		assert.ok(resting.isResting);
		assert.deepEqual(await other.read(specialDays, 2), days(9));
		assert.ok(!resting.isResting);
		assert.equal(await request.answer, success);
	});

	it("the next request on the same link is answered behind it, and sees its change", async () => {
		const resting = new RestingBench();
		const { client, duplex } = await resting.open("wrapper");
		const { association } = client;
		const tags: number[] = [];
		const { onData } = duplex;
		duplex.onData = (unit) => {
			tags.push(unit[wrapperHeaderSize]!);
			onData(unit);
		};
		const request = await resting.begin(() => client.set(specialDays, 2, days(9)));
		await association.send(encodeGet({ id: 5 }, { ref: specialDays, attribute: 2 }));
		assert.ok(!resting.isResting);
		assert.equal(await request.answer, success);
		const next = decodeResponse(await association.receive());
		assert.deepEqual(next.kind === "get" && next.value.data, days(9));
		assert.deepEqual(tags, [gloSetResponse, gloGetResponse]);
	});

	it("F163: what the pre-established client asks for over a connection is done in turns, too", async () => {
		const resting = new RestingBench();
		const { client } = await resting.open("wrapper");
		const { duplex } = resting.line(resting.wrapper);
		const before = decodeDateTime(asOctets(await client.read(ref(8, "0-0:1.0.0.255"), 2)));
		const shift = groupShift(300, 1);
		duplex.write(concat(0, 1, 0, clientSap.preEstablished, 0, 1, 0, shift.length, shift));
		assert.ok(resting.isResting);
		await resting.end();
		const after = decodeDateTime(asOctets(await client.read(ref(8, "0-0:1.0.0.255"), 2)));
		assert.equal(toUnix_ms(after) - toUnix_ms(before), 300_000);
	});

	it("HDLC: a poll meanwhile ends what rests and is answered with it; so is a repeated frame", async () => {
		const resting = new RestingBench();
		const sent: string[] = [];
		const { duplex, session } = resting.line(resting.hdlc);
		const client = await DlmsClient.overHdlc(duplex, {
			clientSap: clientSap.management,
			security: testSecurity({ first: 1 }),
			timeout_ms: 1000,
			signOn: "direct",
		});
		await client.associate();
		let last = new Uint8Array(0);
		const { write } = duplex;
		duplex.write = (bytes) => {
			last = bytes.slice();
			write(bytes);
		};
		const { onData } = duplex;
		duplex.onData = (bytes) => {
			sent.push(Buffer.from(bytes).toString("hex"));
			onData(bytes);
		};
		const request = await resting.begin(() => client.set(specialDays, 2, days(3)));
		assert.deepEqual(sent, []);
		session.receive(last, resting.bench.simulated.monotonic_ms());
		assert.ok(!resting.isResting);
		assert.equal(await request.answer, success);
		assert.equal(sent.length, 2, "the answer, and once more for the repeated frame");
		assert.equal(sent[0], sent[1]);
	});

	it("is done though its link ends meanwhile, and the next client is served", async () => {
		const resting = new RestingBench();
		const opened = await resting.open("wrapper");
		const request = await resting.begin(() => opened.client.set(specialDays, 2, days(9)));
		resting.turn();
		opened.session.close();
		assert.ok(!resting.isResting);
		assert.ok(!request.isAnswered());
		const { client } = await resting.open("wrapper");
		assert.deepEqual(await client.read(specialDays, 2), days(9));
	});

	it("nothing is changed when the supply fails meanwhile", async () => {
		const resting = new RestingBench();
		const opened = await resting.open("wrapper");
		const before = await opened.client.read(specialDays, 2);
		await resting.begin(() => opened.client.set(specialDays, 2, days(9)));
		resting.turn();
		resting.bench.cutPower(5);
		assert.ok(!resting.isResting);
		resting.bench.run(20);
		const { client } = await resting.open("wrapper");
		assert.deepEqual(await client.read(specialDays, 2), before);
		const again = await resting.begin(() => client.set(specialDays, 2, days(4)));
		await resting.end();
		assert.equal(await again.answer, success);
		assert.deepEqual(await client.read(specialDays, 2), days(4));
	});

	it("a value that is refused in its last element has changed nothing", async () => {
		const resting = new RestingBench();
		const { client } = await resting.open("wrapper");
		const before = await client.read(specialDays, 2);
		const good = elementsOf(days(9));
		for (const [bad, expected] of [
			[good[0]!, 250], // an index twice
			[data.structure(data.unsigned(1), data.unsigned(1), data.unsigned(1)), 12],
		] as const) {
			const request = await resting.begin(() => client.set(specialDays, 2, data.array(...good, bad)));
			await resting.end();
			assert.equal(await request.answer, expected);
			assert.deepEqual(await client.read(specialDays, 2), before);
		}
	});

	it("SEC-log: the change is the client's, once, whatever the meter does meanwhile", async () => {
		const resting = new RestingBench();
		const { client } = await resting.open("hdlc");
		const count = async () =>
			(await readEntries(client, standardLog)).filter(({ code }) => code === parameterChanged).length;
		const before = await count();
		const names = Array.from({ length: 3 }, () => ({ ref: name, attribute: 2 }));
		const request = await resting.begin(() =>
			client.setMany(
				names,
				names.map((_, n) => data.octetString(`name ${n}`)),
			),
		);
		while (resting.isResting) {
			resting.bench.run(2);
			resting.turn();
		}
		assert.deepEqual(await request.answer, [0, 0, 0]);
		assert.equal(await count(), before + 1);
		const context = Buffer.from(asOctets(await client.read(ref(1, "0-0:96.50.32.255"), 2)));
		assert.match(context.toString("hex"), /^0201.*0000600101ff/, "optical port, management, the name");
	});

	it("every attribute takes and refuses the same as in one turn, and reads the same afterwards", async () => {
		const whole = new MeterBench({ model: st402d });
		const cut = new MeterBench({ model: st402d, pace: spent });
		whole.run(20);
		cut.run(20);
		const first = await whole.connect("management");
		const second = await cut.connect("management");
		const reads = /^0-0:(1\.0\.0|42|43|96\.5\.4)/;
		let written = 0;
		for (const { classId, logicalName, attributes } of await first.readObjectList()) {
			if (reads.test(logicalName) || classId === 64 || classId === 15) continue;
			const object = ref(classId, logicalName);
			for (const [attribute, mode] of attributes) {
				if ((mode & accessBit.write) === 0 || (mode & accessBit.read) === 0) continue;
				const value = await first.read(object, attribute);
				const values = [value];
				if (value.type === "array") {
					const elements = elementsOf(value);
					values.push(
						data.array(...[...elements].reverse()),
						data.array(...elements.slice(1)),
						data.array(...elements, ...elements.slice(0, 1)),
						data.array(...elements, data.nullData()),
					);
				}
				for (const wanted of values) {
					const where = `${logicalName} attribute ${attribute}`;
					assert.equal(await second.set(object, attribute, wanted), await first.set(object, attribute, wanted), where);
					assert.deepEqual(await second.read(object, attribute), await first.read(object, attribute), where);
					written++;
				}
			}
		}
		assert.ok(written > 400, `${written} writings`);
	}).timeout(60_000);
});
