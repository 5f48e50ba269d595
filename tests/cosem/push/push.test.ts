// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { eventLog } from "../../../src/events/event-sink.js";
import { st402d } from "../../../src/models/model.js";
import type { OutgoingMessage, Outlet, OutletListener } from "../../../src/ports/outlet.js";
import { MeterBench } from "../../events/meter-bench.js";
import { type Data, readData } from "../../support/client/axdr.js";
import { ByteReader, concat, fromHex } from "../../support/client/bytes.js";
import type { DlmsClient } from "../../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, encodeLogicalName, ref } from "../../support/client/data.js";
import { decodeDateTime } from "../../support/client/date-time.js";
import type { GeneralOptions } from "../../support/client/general.js";
import { byRange, clockColumn, encodeCaptureObject } from "../../support/client/profile.js";
import { SecureSession, seal, unseal } from "../../support/client/security.js";
import { result, type Selection } from "../../support/client/services.js";
import { testKeys, testSecurity } from "../../support/client/test-client.js";
import { encodeWrapper } from "../../support/client/wrapper.js";

const model = st402d;
const setupOf = (push: number) => ref(40, `0-${push}:25.9.0.255`);
const destination = (text: string, service = 0, message = 0): Data =>
	data.structure(data.enum(service), data.octetString(text), data.enum(message));
const anyTime = "ffffffffffffffffffff8000ff";

/** Takes what the meter sends; delivers when told to. */
class Post implements Outlet {
	address = 0x7f00_0001;
	isUp = true;
	/** Delivery is told later, by `tell`. */
	isSlow = false;
	readonly #untold: (() => void)[] = [];
	readonly sent: { at_ms: number; message: OutgoingMessage; apdu: Uint8Array }[] = [];
	now_ms = (): number => 0;

	send(message: OutgoingMessage, listener: OutletListener): void {
		this.sent.push({ at_ms: this.now_ms(), message, apdu: message.apdu.slice() });
		const { isUp } = this;
		if (this.isSlow) this.#untold.push(() => listener.messageSent(message.number, this.isUp));
		else queueMicrotask(() => listener.messageSent(message.number, isUp));
	}

	tell(): void {
		for (const one of this.#untold.splice(0)) one();
	}
}

interface Notification {
	readonly invokeId: number;
	readonly control: number;
	readonly counter: number;
	readonly values: readonly Data[];
}

describe("push", () => {
	let post: Post;
	let bench: MeterBench;
	let title: Uint8Array;

	function start(options: { withIp?: boolean } = {}): void {
		post = new Post();
		const options_ = options.withIp === false ? model.options & ~8 : model.options;
		bench = new MeterBench({ model: { ...model, options: options_ }, outlet: post });
		post.now_ms = () => bench.simulated.monotonic_ms();
		title = bench.simulated.meter.application.identity.systemTitle;
		bench.run(5);
	}
	beforeEach(() => start());

	/** Time passes, and what is delivered in it is told. */
	async function run(seconds: number): Promise<void> {
		const step = seconds > 1000 ? 20 : 1;
		for (let n = 0; n < seconds; n += step) {
			bench.run(step);
			await Promise.resolve();
			await Promise.resolve();
		}
	}

	function open(apdu: Uint8Array, encryptionKey = testKeys.unicastKey): Notification {
		const r = new ByteReader(apdu);
		assert.equal(r.unsigned(1), 0xdb);
		assert.deepEqual(r.take(r.unsigned(1)), title);
		const first = r.unsigned(1);
		if (first > 0x80) r.take(first & 0x7f);
		const keys = { systemTitle: title, encryptionKey, authenticationKey: testKeys.authenticationKey };
		const { plain, control, invocationCounter } = unseal(r.rest(), keys);
		const body = new ByteReader(plain);
		assert.equal(body.unsigned(1), 0x0f);
		const invokeId = body.unsigned(4);
		assert.equal(body.unsigned(1), 12);
		body.take(12);
		const values = elementsOf(readData(body));
		body.expectEnd();
		return { invokeId, control, counter: invocationCounter, values };
	}

	const configure = (push: number, attribute: number, value: Data): Promise<number> =>
		bench.with((client: DlmsClient) => client.set(setupOf(push), attribute, value));

	const press = (push: number): Promise<unknown> =>
		bench.with(async (client) => {
			const answer = await client.action(setupOf(push), 1, data.integer(0));
			assert.equal(answer.result, result.success);
		});

	it("sends nothing while it knows no destination", async () => {
		await press(4);
		await run(5);
		assert.deepEqual(post.sent, []);
	});

	it("sends from SAP 1 to 102 with general-glo-ciphering 0x30 what the list of the alarm names", async () => {
		assert.equal(await configure(4, 3, destination("127.0.0.1:4060")), result.success);
		await press(4);
		await run(2);
		assert.equal(post.sent.length, 1);
		const { message, apdu } = post.sent[0]!;
		assert.equal(message.destination, "127.0.0.1:4060");
		assert.deepEqual([message.transport, message.sourceSap, message.destinationSap], [0, 1, 102]);
		const { values, control, invokeId } = open(apdu);
		assert.equal(control, 0x30);
		assert.equal(invokeId, 1);
		assert.equal(values.length, 6);
		assert.deepEqual(asOctets(values[0]!), bench.simulated.meter.application.identity.logicalDeviceName);
		assert.deepEqual(asOctets(values[1]!), encodeLogicalName("0-4:25.9.0.255"));
		assert.equal(asOctets(values[2]!).length, 12);
		await press(4);
		await run(2);
		const again = open(post.sent[1]!.apdu);
		assert.equal(again.invokeId, 2);
		assert.ok(again.counter > open(apdu).counter);
	});

	it("F114: tells of an alarm by itself, with the descriptor that has risen", async () => {
		await configure(4, 3, destination("127.0.0.1:4060"));
		bench.simulated.meter.application.events.event(eventLog.fraud, 44);
		await run(3);
		assert.equal(post.sent.length, 1);
		assert.equal(asNumber(open(post.sent[0]!.apdu).values[3]!), 1 << 13);
	});

	it("F114: an alarm that comes while a message is on its way is told by another one, and once", async () => {
		await configure(4, 3, destination("127.0.0.1:4060"));
		await configure(4, 6, data.unsigned(3));
		await configure(4, 7, data.structure(data.longUnsigned(5), data.longUnsigned(100), data.longUnsigned(5)));
		const { events } = bench.simulated.meter.application;
		/** The three descriptors of message `n`. */
		const alarmsIn = (n: number) => open(post.sent[n]!.apdu).values.slice(3).map(asNumber);
		post.isSlow = true;
		events.event(eventLog.fraud, 44);
		await run(3);
		assert.equal(post.sent.length, 1);
		events.event(eventLog.standard, 7);
		await run(3);
		assert.equal(post.sent.length, 1);
		post.tell();
		await run(3);
		assert.equal(post.sent.length, 2);
		assert.deepEqual(alarmsIn(0), [1 << 13, 0, 0]);
		assert.deepEqual(alarmsIn(1), [(1 << 13) | (1 << 1), 0, 0]);
		post.tell();
		await run(30);
		assert.equal(post.sent.length, 2);
		// one that has to be sent again tells the values of that moment: it needs no other
		post.isUp = false;
		await press(4);
		await run(2);
		await press(4);
		post.tell();
		await run(2);
		post.isUp = true;
		await run(8);
		assert.equal(post.sent.length, 4);
		post.tell();
		await run(30);
		assert.equal(post.sent.length, 4);
	});

	it("SEC-push: tries again with growing pauses, gives up after number_of_retries, and sends the values of the moment", async () => {
		await configure(4, 3, destination("127.0.0.1:4060"));
		await configure(4, 6, data.unsigned(3));
		await configure(4, 7, data.structure(data.longUnsigned(10), data.longUnsigned(200), data.longUnsigned(30)));
		post.isUp = false;
		await press(4);
		await run(120);
		const times = post.sent.map(({ at_ms }) => at_ms);
		const pauses_s = times.slice(1).map((at_ms, n) => Math.round((at_ms - times[n]!) / 1000));
		// delivery fails between two turns of the meter, up to a second after the message has left
		assert.equal(pauses_s.length, 3);
		for (const [n, expected_s] of [10, 20, 30].entries())
			assert.ok(Math.abs(pauses_s[n]! - expected_s) <= 1, String(pauses_s));
		const clocks = post.sent.map(({ apdu }) => Buffer.from(asOctets(open(apdu).values[2]!)).toString("hex"));
		assert.equal(new Set(clocks).size, 4);
		post.isUp = true;
		await press(4);
		await run(2);
		assert.equal(post.sent.length, 5);
	});

	it("waits for the communication window", async () => {
		await configure(3, 3, destination("127.0.0.1:4060"));
		const now = bench.simulated.meter.application.clock;
		const local = now.stamp(now.utc_s(), bench.simulated.meter.application.time);
		const minute = (local.hour * 60 + local.minute + 2) % 1440;
		const at = (minute_: number): Data => {
			const octets = fromHex("ffffffffff0000000080 00ff".replace(" ", ""));
			octets[5] = Math.floor(minute_ / 60) % 24;
			octets[6] = minute_ % 60;
			return data.octetString(octets);
		};
		const window = data.array(data.structure(at(minute), at(minute + 5)));
		assert.equal(await configure(3, 4, window), result.success);
		await press(3);
		await run(30);
		assert.equal(post.sent.length, 0);
		await run(120);
		assert.equal(post.sent.length, 1);
	});

	it("spreads itself over the randomisation interval", async () => {
		await configure(3, 3, destination("127.0.0.1:4060"));
		await configure(3, 5, data.longUnsigned(100));
		const delays: number[] = [];
		for (let n = 0; n < 6; n++) {
			await press(3);
			const begin_ms = bench.simulated.monotonic_ms();
			await run(102);
			assert.equal(post.sent.length, n + 1);
			delays.push(post.sent[n]!.at_ms - begin_ms);
		}
		assert.ok(new Set(delays).size >= 5, String(delays));
		assert.ok(Math.max(...delays) > 30_000 && Math.max(...delays) <= 102_000);
	});

	it("pushes by script and by schedule: 0-1:15.0.4 every five minutes after the hour", async () => {
		await configure(1, 3, destination("127.0.0.1:4060"));
		await bench.with(async (client) => {
			assert.equal((await client.action(ref(9, "0-0:10.0.108.255"), 1, data.longUnsigned(1))).result, result.success);
		});
		await run(2);
		assert.equal(post.sent.length, 1);
		await bench.with(async (client) => {
			const time = data.octetString(fromHex("ff0500 00".replace(" ", "")));
			const entry = data.structure(time, data.octetString(fromHex("ffffffffff")));
			assert.equal(await client.set(ref(22, "0-1:15.0.4.255"), 4, data.array(entry)), result.success);
		});
		await run(3700);
		assert.equal(post.sent.length, 2);
	});

	it("tells a new address once, also over restarts, and that nobody has installed it until somebody has", async () => {
		const { application } = bench.simulated.meter;
		for (const push of [0, 7])
			application.pushSettings
				.of(push)
				.change(3, fromHex("0203160009" + "0e" + "3132372e302e302e313a34303630" + "1600"));
		bench.cutPower(3);
		await run(5);
		assert.deepEqual(post.sent.map(({ message }) => message.number).sort(), [0, 7]);
		await run(3601);
		assert.deepEqual(
			post.sent.slice(2).map(({ message }) => message.number),
			[7],
		);
		await bench.with(async () => undefined);
		await run(3700);
		bench.cutPower(3);
		await run(5);
		assert.equal(post.sent.length, 3);
		post.address = 0x7f00_0002;
		bench.cutPower(3);
		await run(5);
		assert.deepEqual(
			post.sent.slice(3).map(({ message }) => message.number),
			[0],
		);
	});

	it("uses the key of its receiver, and authenticates only when told so", async () => {
		await configure(6, 3, destination("127.0.0.1:4060"));
		await press(6);
		await run(2);
		assert.equal(post.sent[0]!.message.destinationSap, 103);
		const given = protection({ type: 0 });
		assert.equal(await configure(6, 10, data.array(given)), result.success);
		await press(6);
		await run(2);
		assert.equal(openGeneral(post.sent[1]!.apdu).control, 0x10);
	});

	const protection = (
		given: { type?: number; transaction?: string; originator?: string; recipient?: string; keyInfo?: Data } = {},
	): Data => {
		const octets = (hex = ""): Data => data.octetString(fromHex(hex));
		const { keyInfo = data.structure(data.enum(0), data.structure(data.enum(0))) } = given;
		const fields = [octets(given.transaction), octets(given.originator), octets(given.recipient), octets()];
		return data.structure(data.enum(given.type ?? 2), data.structure(...fields, keyInfo));
	};
	const wrapped = data.structure(data.enum(1), data.structure(data.enum(0), data.octetString("")));
	const agreed = data.structure(data.enum(2), data.structure(data.octetString(fromHex("01")), data.octetString("")));

	/** A notification in general-ciphering; its fields are authenticated with it. */
	function openGeneral(
		apdu: Uint8Array,
		recipient: Uint8Array = new Uint8Array(8),
	): { control: number; transaction: Uint8Array } {
		const general: GeneralOptions = { transaction: 0, masterKey: testKeys.masterKey };
		const session = new SecureSession({ ...testSecurity({ systemTitle: recipient }), general });
		session.serverTitle = title;
		const plain = session.unprotect(apdu);
		assert.equal(plain[0], 0x0f);
		return { control: session.lastControl, transaction: general.answered!.transaction };
	}

	it("F143: ciphers as push_protection_parameters say: GUEK by name or a wrapped key, with their titles and transaction-id", async () => {
		await configure(4, 3, destination("127.0.0.1:4060"));
		const recipient = "4d4d4d00000000aa";
		const settings = [
			[protection(), new Uint8Array(8), undefined],
			[protection({ keyInfo: wrapped, recipient, transaction: "0102030405" }), fromHex(recipient), "0102030405"],
			[
				protection({ originator: Buffer.from(title).toString("hex"), keyInfo: data.structure() }),
				new Uint8Array(8),
				undefined,
			],
		] as const;
		for (const [setting, to, transaction] of settings) {
			assert.equal(await configure(4, 10, data.array(setting)), result.success);
			await press(4);
			await run(2);
			const opened = openGeneral(post.sent.at(-1)!.apdu, to);
			assert.equal(opened.control, 0x30);
			if (transaction !== undefined) assert.equal(Buffer.from(opened.transaction).toString("hex"), transaction);
		}
		assert.notDeepEqual(openGeneral(post.sent[0]!.apdu).transaction, openGeneral(post.sent[2]!.apdu).transaction);
	});

	it("refuses push_protection_parameters it cannot meet, and keeps what it had (G3)", async () => {
		await configure(4, 10, data.array(protection()));
		const bad: [string, Data][] = [
			["encryption alone", data.array(protection({ type: 1 }))],
			["a signature in suite 0", data.array(protection({ type: 3 }), protection())],
			["a signature alone", data.array(protection({ type: 3 }))],
			["twice ciphered", data.array(protection(), protection())],
			["three layers", data.array(protection(), protection({ type: 3 }), protection())],
			["another originator", data.array(protection({ originator: "4d4d4d00000000aa" }))],
			["half a recipient", data.array(protection({ recipient: "4d4d4d00" }))],
			["a long transaction-id", data.array(protection({ transaction: "00".repeat(33) }))],
			["an agreed key in suite 0", data.array(protection({ keyInfo: agreed }))],
			[
				"the broadcast key",
				data.array(protection({ keyInfo: data.structure(data.enum(0), data.structure(data.enum(1))) })),
			],
		];
		for (const [what, value] of bad) assert.equal(await configure(4, 10, value), result.otherReason, what);
		const typed = await configure(4, 10, data.array(data.structure(data.enum(2))));
		assert.equal(typed, result.typeUnmatched);
		assert.equal(elementsOf(await bench.with((client) => client.read(setupOf(4), 10))).length, 1);
	});

	const everyTime = data.octetString(fromHex("ffffffffffffffffff8000ff"));
	const byDate = (from: Data, to: Data): Data => data.structure(data.enum(1), data.structure(from, to));
	const byEntries = (from: number, to: number): Data =>
		data.structure(data.enum(2), data.structure(data.longUnsigned(from), data.longUnsigned(to)));
	const unrestricted = data.structure(data.enum(0), data.nullData());
	const columnOf = (classId: number, name: string): Data =>
		encodeCaptureObject({ ...clockColumn, classId, logicalName: name });
	const element = (
		classId: number,
		name: string,
		attribute: number,
		restriction = unrestricted,
		columns: readonly Data[] = [],
	): Data =>
		data.structure(
			data.longUnsigned(classId),
			data.octetString(encodeLogicalName(name)),
			data.integer(attribute),
			data.longUnsigned(0),
			restriction,
			data.array(...columns),
		);

	it("restricts a profile by date, by entry and to columns, and tells what selective access reads", async () => {
		const profile = "1-0:99.1.0.255";
		const columns = [columnOf(3, "1-0:2.8.0.255"), columnOf(8, "0-0:1.0.0.255")];
		await run(3 * 3600);
		const stamps = (await bench.with((client) => client.readProfile(profile))).rows.map((row) => asOctets(row[0]!));
		assert.equal(stamps.length, 12);
		const [from, to] = [stamps[2]!, stamps[4]!];
		await configure(3, 3, destination("127.0.0.1:4060"));
		const told = async (restriction: Data, wanted: readonly Data[] = []): Promise<readonly (readonly Data[])[]> => {
			const list = data.array(element(7, profile, 2, restriction, wanted), element(8, "0-0:1.0.0.255", 3));
			assert.equal(await configure(3, 2, list), result.success);
			assert.deepEqual(await bench.with((client) => client.read(setupOf(3), 2)), list, "it reads as it was written");
			post.sent.length = 0;
			await press(3);
			await run(2);
			const { values } = open(post.sent[0]!.apdu);
			assert.equal(values[1]!.type, "long", "what stands behind it");
			return elementsOf(values[0]!).map((row) => elementsOf(row));
		};
		const read = async (selection?: Selection): Promise<readonly (readonly Data[])[]> =>
			(await bench.with((client) => client.readProfile(profile, selection))).rows;
		const range = { ...byRange(decodeDateTime(from), decodeDateTime(to)) };
		const rows = await told(byDate(data.octetString(from), data.octetString(to)));
		assert.equal(rows.length, 3);
		assert.deepEqual(rows, await read(range));
		const some = byRange(decodeDateTime(from), decodeDateTime(to), [
			{ ...clockColumn, classId: 3, logicalName: "1-0:2.8.0.255" },
			clockColumn,
		]);
		const few = await told(byDate(data.octetString(from), data.octetString(to)), columns);
		assert.deepEqual(few, await read(some));
		assert.equal(few[0]!.length, 2, "in the order of the profile");
		// an end without year is open
		assert.equal((await told(byDate(data.octetString(from), everyTime), columns)).length, 10);
		assert.equal((await told(byDate(everyTime, data.octetString(to)), columns)).length, 5);
		assert.equal((await told(byDate(everyTime, everyTime), [columns[1]!])).length, 12);
		assert.equal((await told(byDate(data.octetString(to), data.octetString(from)))).length, 0, "the wrong way round");
		const stampsOf = (rowsTold: readonly (readonly Data[])[]) => rowsTold.map((row) => asOctets(row[0]!));
		assert.deepEqual(stampsOf(await told(byEntries(2, 4), [columns[1]!])), stamps.slice(-4, -1), "from the newest");
		assert.deepEqual(stampsOf(await told(byEntries(11, 40), [columns[1]!])), stamps.slice(0, 2));
		assert.deepEqual(stampsOf(await told(byEntries(13, 14), [columns[1]!])), []);
		assert.deepEqual(stampsOf(await told(unrestricted, [columns[1]!])), stamps);
		assert.equal((await told(byEntries(1, 1)))[0]!.length, rows[0]!.length, "all columns");
		await run(900);
		const later = (await bench.with((client) => client.readProfile(profile))).rows;
		assert.deepEqual(
			stampsOf(await told(byEntries(1, 1), [columns[1]!])),
			stampsOf(later).slice(-1),
			"the newest, whichever that is",
		);
	});

	it("tells null-data of columns that a profile no longer has, and of rows that do not fit", async () => {
		const profile = "1-0:99.1.0.255";
		const column = { ...clockColumn, classId: 3, logicalName: "1-0:4.8.0.255" };
		await configure(3, 3, destination("127.0.0.1:4060"));
		const list = data.array(
			element(7, profile, 2, byEntries(1, 2), [encodeCaptureObject(column)]),
			element(8, "0-0:1.0.0.255", 3),
		);
		assert.equal(await configure(3, 2, list), result.success);
		const captureObjects = data.array(
			encodeCaptureObject(clockColumn),
			encodeCaptureObject({ ...column, logicalName: "1-0:1.8.0.255" }),
		);
		assert.equal(await bench.with((client) => client.set(ref(7, profile), 3, captureObjects)), result.success);
		await press(3);
		await run(2);
		assert.deepEqual(
			open(post.sent[0]!.apdu).values.map(({ type }) => type),
			["null-data", "long"],
		);
		await run(24 * 3600);
		const day = data.array(element(7, profile, 2, byDate(everyTime, everyTime)), element(8, "0-0:1.0.0.255", 3));
		assert.equal(await configure(3, 2, day), result.success);
		post.sent.length = 0;
		await press(3);
		await run(2);
		assert.deepEqual(
			open(post.sent[0]!.apdu).values.map(({ type }) => type),
			["null-data", "long"],
		);
	});

	it("refuses restrictions and columns of what is no stored profile, and such as there are not (G3)", async () => {
		const profile = "1-0:99.1.0.255";
		const good = element(8, "0-0:1.0.0.255", 2);
		const before = await bench.with((client) => client.read(setupOf(3), 2));
		const month13 = data.octetString(fromHex("07e90d01ff000000ff8000ff"));
		const time = columnOf(8, "0-0:1.0.0.255");
		for (const bad of [
			element(8, "0-0:1.0.0.255", 2, byDate(everyTime, everyTime)),
			element(8, "0-0:1.0.0.255", 2, unrestricted, [time]),
			element(7, profile, 3, byDate(everyTime, everyTime)),
			element(7, profile, 3, unrestricted, [time]),
			element(7, profile, 2, byDate(month13, everyTime)),
			element(7, profile, 2, byDate(everyTime, month13), [time]),
			element(7, profile, 2, byEntries(0, 1), [time]),
			element(7, profile, 2, byEntries(2, 1), [time]),
			element(7, profile, 2, unrestricted, [columnOf(3, "1-0:32.7.0.255")]),
			element(7, profile, 2, unrestricted, [time, columnOf(8, "1-0:1.8.0.255")]),
			element(7, "0-0:21.0.0.255", 2, byDate(everyTime, everyTime)), // made when it is read
			element(7, "0-0:21.0.0.255", 2, unrestricted, [time]),
			element(7, profile, 2, data.structure(data.enum(3), data.nullData())),
		])
			assert.equal(await configure(3, 2, data.array(good, bad)), result.otherReason);
		for (const bad of [
			element(7, profile, 2, data.structure(data.enum(1), data.nullData())),
			element(7, profile, 2, byDate(data.octetString(fromHex("07e90101")), everyTime)),
			element(7, profile, 2, unrestricted, [data.unsigned(1)]),
		])
			assert.equal(await configure(3, 2, data.array(good, bad)), result.typeUnmatched);
		assert.deepEqual(await bench.with((client) => client.read(setupOf(3), 2)), before);
	});

	it("SEC-deputy: takes no element that its configurer may not read, and keeps what it had (G3)", async () => {
		const clock = element(8, "0-0:1.0.0.255", 2);
		const before = await bench.with((client) => client.read(setupOf(3), 2));
		for (const bad of [
			element(15, "0-0:40.0.1.255", 7),
			element(15, "0-0:40.0.0.255", 8),
			element(8, "0-0:1.0.99.255", 2),
			element(3, "0-0:1.0.0.255", 2),
			element(8, "0-0:1.0.0.255", 1 + 30),
			element(7, "0-0:99.98.9.255", 2, byDate(everyTime, everyTime)),
		]) {
			assert.equal(await configure(3, 2, data.array(clock, bad)), result.otherReason);
		}
		assert.equal(await configure(3, 2, data.array(data.unsigned(1))), result.typeUnmatched);
		assert.deepEqual(await bench.with((client) => client.read(setupOf(3), 2)), before);
		assert.equal(await configure(3, 2, data.array(clock)), result.success);
	});

	it("refuses what it cannot do, each attribute by its own rule, and keeps settings over a restart", async () => {
		for (const [attribute, value] of [
			[3, destination("127.0.0.1:4060", 4)],
			[3, destination("127.0.0.1:4060", 0, 1)],
			[3, destination("127.0.0.1")],
			[3, destination("127.0.0.1:0")],
			[3, destination("127.0.0.1:65536")],
			[3, destination(`${"h".repeat(130)}:1`)],
			[7, data.structure(data.longUnsigned(10), data.longUnsigned(99), data.longUnsigned(30))],
			[7, data.structure(data.longUnsigned(10), data.longUnsigned(200), data.longUnsigned(9))],
			[8, data.octetString(encodeLogicalName("0-0:1.0.0.255"))],
			[9, data.integer(16)],
			[9, data.integer(77)],
			[11, data.enum(3)],
			[12, data.structure(data.octetString(fromHex(anyTime.slice(0, 24))), data.doubleLongUnsigned(86_401))],
			[12, data.structure(data.octetString(fromHex("07ea03ffffffffffff800000")), data.doubleLongUnsigned(0))],
		] as const) {
			assert.equal(await configure(2, attribute, value), result.otherReason, String(attribute));
		}
		assert.equal(await configure(2, 5, data.unsigned(1)), result.typeUnmatched);
		assert.equal(await configure(2, 13, data.octetString(fromHex(anyTime.slice(0, 24)))), result.readWriteDenied);
		assert.equal(await configure(2, 5, data.longUnsigned(77)), result.success);
		bench.cutPower(2);
		bench.run(5);
		assert.equal(asNumber(await bench.with((client) => client.read(setupOf(2), 5))), 77);
		assert.equal(asNumber(await bench.with((client) => client.read(setupOf(3), 5))), 0);
	});

	describe("that must be confirmed (push_operation_method 2)", () => {
		let counter = 0;
		/** DataNotification-Confirm in general-glo-ciphering, as any client of the pre-established association could send it. */
		function confirm(
			invokeId: number,
			given: { key?: Uint8Array; control?: number; counter?: number; body?: string; sap?: number } = {},
		): void {
			const body = fromHex(given.body ?? `10${(0x4000_0000 + invokeId).toString(16)}00`);
			const headEnd = fromHex("4d4d4d0000000077");
			const sealed = seal(body, {
				control: given.control ?? 0x30,
				invocationCounter: given.counter ?? ++counter,
				systemTitle: headEnd,
				encryptionKey: given.key ?? testKeys.unicastKey,
				authenticationKey: testKeys.authenticationKey,
			});
			const line = bench.duplex("tcp");
			line.write(encodeWrapper(given.sap ?? 102, 1, concat(0xdb, 8, headEnd, sealed.length, sealed)));
		}
		const method = async (push: number, retries = 3): Promise<void> => {
			await configure(push, 3, destination("127.0.0.1:4060"));
			assert.equal(await configure(push, 6, data.unsigned(retries)), result.success);
			const delays = data.structure(data.longUnsigned(10), data.longUnsigned(100), data.longUnsigned(10));
			await configure(push, 7, delays);
			assert.equal(await configure(push, 11, data.enum(2)), result.success);
		};
		const parameters = (start: string, seconds: number): Data =>
			data.structure(data.octetString(fromHex(start)), data.doubleLongUnsigned(seconds));
		const lastConfirmation = async (push: number): Promise<string> =>
			Buffer.from(asOctets(await bench.with((client) => client.read(setupOf(push), 13)))).toString("hex");
		beforeEach(() => {
			counter = 0;
		});

		it("F78: asks for a confirmation, sends once when it comes, and keeps when it came over a restart", async () => {
			await method(4);
			assert.equal(await lastConfirmation(4), "ffffffffffffffffff8000ff");
			await press(4);
			await run(2);
			assert.equal(post.sent.length, 1);
			const { invokeId } = open(post.sent[0]!.apdu);
			assert.equal(invokeId >>> 28, 4, "confirmed service");
			confirm(invokeId & 0xff_ffff);
			await run(120);
			assert.equal(post.sent.length, 1);
			const told = await lastConfirmation(4);
			assert.match(told, /^07e9|^07ea/);
			bench.cutPower(3);
			bench.run(5);
			assert.equal(await lastConfirmation(4), told);
			assert.equal(await lastConfirmation(3), "ffffffffffffffffff8000ff", "another push was not confirmed");
		});

		it("F78: a trigger that comes while a confirmation is waited for is another message", async () => {
			await method(4);
			await press(4);
			await run(2);
			await press(4);
			await press(4);
			await run(2);
			assert.equal(post.sent.length, 1);
			confirm(open(post.sent[0]!.apdu).invokeId & 0xff_ffff);
			await run(3);
			assert.equal(post.sent.length, 2);
			confirm(open(post.sent[1]!.apdu).invokeId & 0xff_ffff);
			await run(120);
			assert.equal(post.sent.length, 2);
		});

		it("SEC-push: tries again where no confirmation comes in time, with a new invoke-id, and gives up in the end", async () => {
			await method(4, 2);
			assert.equal(await configure(4, 12, parameters("ffffffffffffffffff800000", 20)), result.success);
			await press(4);
			await run(200);
			assert.equal(post.sent.length, 3);
			const pauses_s = post.sent.slice(1).map(({ at_ms }, n) => Math.round((at_ms - post.sent[n]!.at_ms) / 1000));
			for (const pause_s of pauses_s) assert.ok(Math.abs(pause_s - 30) <= 2, `20 s of waiting and 10 s: ${pauses_s}`);
			assert.equal(new Set(post.sent.map(({ apdu }) => open(apdu).invokeId)).size, 3);
			confirm(open(post.sent[2]!.apdu).invokeId & 0xff_ffff);
			assert.equal(await lastConfirmation(4), "ffffffffffffffffff8000ff", "it has been given up");
			await press(4);
			await run(2);
			assert.equal(post.sent.length, 4);
		});

		it("SEC-replay SEC-bcast: is confirmed by nobody else, nor with another number, a group's key, an old counter or half an APDU", async () => {
			await method(4, 0);
			await press(4);
			await run(2);
			const id = open(post.sent[0]!.apdu).invokeId & 0xff_ffff;
			confirm(id, { key: new Uint8Array(16).fill(9) });
			confirm(id, { key: testKeys.broadcastKey, control: 0x70 });
			confirm(id + 1);
			confirm(id, { counter: 1 });
			confirm(id, { sap: 77 });
			confirm(id, { body: "1040000001" });
			confirm(id, { body: "104000000105" });
			confirm(id, { body: `10400000${id.toString(16).padStart(2, "0")}00ff` });
			assert.equal(await lastConfirmation(4), "ffffffffffffffffff8000ff");
			confirm(id);
			assert.notEqual(await lastConfirmation(4), "ffffffffffffffffff8000ff");
		});

		it("is unconfirmed until the start date of confirmation_parameters", async () => {
			await method(3);
			const { clock, time } = bench.simulated.meter.application;
			const start = new Uint8Array(12);
			clock.stamp(clock.utc_s() + 600, time).encode(start, 0);
			await configure(3, 12, parameters(Buffer.from(start).toString("hex"), 0));
			await press(3);
			await run(100);
			assert.equal(post.sent.length, 1);
			assert.equal(open(post.sent[0]!.apdu).invokeId >>> 28, 0);
			await run(600);
			await press(3);
			await run(2);
			assert.equal(open(post.sent[1]!.apdu).invokeId >>> 28, 4);
		});
	});

	it("G10: is not there without an IP link", async () => {
		start({ withIp: false });
		assert.equal(await configure(4, 3, destination("127.0.0.1:4060")), result.objectUndefined);
	});
});
