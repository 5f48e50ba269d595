// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mechanism } from "../support/client/association.js";
import { type Data, readData } from "../support/client/axdr.js";
import { ByteReader, concat } from "../support/client/bytes.js";
import { DlmsClient } from "../support/client/client.js";
import { data, elementsOf, encodeLogicalName, ref } from "../support/client/data.js";
import type { GeneralOptions } from "../support/client/general.js";
import { clockColumn, encodeCaptureObject } from "../support/client/profile.js";
import { readClientKeys, signatureProof } from "../support/client/public-keys.js";
import { SecureSession, unseal } from "../support/client/security.js";
import { result } from "../support/client/services.js";
import { clientSap, clientTitle, testKeys, testSecurity } from "../support/client/test-client.js";
import { encodeWrapper, takeWrapper, type WrapperUnit } from "../support/client/wrapper.js";
import { RunningMeter } from "../support/running-meter.js";

const alarmPush = ref(40, "0-4:25.9.0.255");

/** The next unit on a connection. */
function receive(socket: Socket): Promise<WrapperUnit> {
	let pending: Uint8Array = new Uint8Array(0);
	return new Promise((resolve, reject) => {
		const take = (chunk: Buffer): void => {
			pending = Buffer.concat([pending, chunk]);
			const taken = takeWrapper(pending);
			if (taken === undefined) return;
			socket.off("data", take);
			resolve(taken.message);
		};
		socket.on("data", take);
		socket.once("close", () => reject(new Error("closed")));
	});
}

/** The DataNotification in general-glo-ciphering. */
function plainOf(unit: WrapperUnit): Uint8Array {
	const r = new ByteReader(unit.apdu);
	assert.equal(r.unsigned(2), 0xdb08);
	const systemTitle = r.take(8);
	const length = r.unsigned(1);
	if (length > 0x80) r.take(length - 0x80);
	const { unicastKey: encryptionKey, authenticationKey } = testKeys;
	return unseal(r.rest(), { systemTitle, encryptionKey, authenticationKey }).plain;
}

describe("push over TCP, as a head end sees it", () => {
	let meter: RunningMeter;
	let headEnd: Server;
	before(async () => {
		meter = await RunningMeter.start("ST402D", { speed: 0 });
		headEnd = createServer().listen(0, "127.0.0.1");
		await once(headEnd, "listening");
	});
	after(async () => {
		await meter.close();
		headEnd.close();
	});

	it("F78: opens a connection, sends one unit from 1 to 102, and is at the disposal of the head end on it", async () => {
		const { port } = headEnd.address() as AddressInfo;
		const destination = data.structure(data.enum(0), data.octetString(`127.0.0.1:${port}`), data.enum(0));
		await meter.with("management", async (client) => {
			assert.equal(await client.set(alarmPush, 3, destination), result.success);
			assert.equal((await client.action(alarmPush, 1, data.integer(0))).result, result.success);
		});
		const connection = once(headEnd, "connection") as Promise<[Socket]>;
		meter.simulator.pacer.step(1000);
		const [socket] = await connection;
		const unit = await receive(socket);
		assert.deepEqual([unit.source, unit.destination], [1, 102]);
		const plain = plainOf(unit);
		assert.equal(plain[0], 0x0f);
		assert.ok(Buffer.from(plain).includes(meter.simulator.logicalDeviceName));
		// a public association on the meter's own connection
		const aarq = "601da109060760857405080101be10040e01000000065f1f0400001214ffff";
		const answer = receive(socket);
		socket.write(encodeWrapper(16, 1, Buffer.from(aarq, "hex")));
		assert.equal((await answer).apdu[0], 0x61);
		socket.destroy();
	});

	it("F78: tells of a load profile what its list restricts it to: the newest rows, a range of time, some columns", async () => {
		const { port } = headEnd.address() as AddressInfo;
		const profile = "1-0:99.1.0.255";
		const push = ref(40, "0-1:25.9.0.255");
		meter.simulator.pacer.step(3_600_000);
		const stored = await meter.with("management", (client) => client.readProfile(profile));
		const stamps = stored.rows.map((row) => row[0]!);
		const element = (restriction: Data): Data =>
			data.structure(
				data.longUnsigned(7),
				data.octetString(encodeLogicalName(profile)),
				data.integer(2),
				data.longUnsigned(0),
				restriction,
				data.array(encodeCaptureObject(clockColumn)),
			);
		const list = data.array(
			element(data.structure(data.enum(2), data.structure(data.longUnsigned(1), data.longUnsigned(2)))),
			element(data.structure(data.enum(1), data.structure(stamps[0]!, stamps[1]!))),
		);
		await meter.with("management", async (client) => {
			const destination = data.structure(data.enum(0), data.octetString(`127.0.0.1:${port}`), data.enum(0));
			assert.equal(await client.set(push, 3, destination), result.success);
			assert.equal(await client.set(push, 2, list), result.success);
			assert.equal((await client.action(push, 1, data.integer(0))).result, result.success);
		});
		const connection = once(headEnd, "connection") as Promise<[Socket]>;
		meter.simulator.pacer.step(1000);
		const [socket] = await connection;
		const body = new ByteReader(plainOf(await receive(socket)));
		socket.destroy();
		body.take(6 + 12); // tag, long-invoke-id, date-time
		const [newest, range] = elementsOf(readData(body), 2).map((rows) => elementsOf(rows).map((row) => elementsOf(row)));
		assert.deepEqual(
			newest,
			stamps.slice(-2).map((stamp) => [stamp]),
		);
		assert.deepEqual(
			range,
			stamps.slice(0, 2).map((stamp) => [stamp]),
		);
	});

	it("F78: tells values that are made of many elements as a client reads them, with heads around them or in them", async () => {
		const { port } = headEnd.address() as AddressInfo;
		const push = ref(40, "0-1:25.9.0.255");
		const told = [
			[122, "0-0:44.1.0.255", 3],
			[7, "0-0:21.0.4.255", 3],
			[7, "1-0:99.1.0.255", 3],
		] as const;
		const list = data.array(
			...told.map(([classId, name, attribute]) =>
				data.structure(
					data.longUnsigned(classId),
					data.octetString(encodeLogicalName(name)),
					data.integer(attribute),
					data.longUnsigned(0),
					data.structure(data.enum(0), data.nullData()),
					data.array(),
				),
			),
		);
		const values = await meter.with("management", async (client) => {
			const functions = elementsOf(await client.read(ref(122, "0-0:44.1.0.255"), 3));
			// that of power quality is longer than a notification
			assert.equal(
				await client.set(ref(122, "0-0:44.1.0.255"), 3, data.array(...functions.slice(0, 2))),
				result.success,
			);
			const destination = data.structure(data.enum(0), data.octetString(`127.0.0.1:${port}`), data.enum(0));
			assert.equal(await client.set(push, 3, destination), result.success);
			assert.equal(await client.set(push, 2, list), result.success);
			assert.equal((await client.action(push, 1, data.integer(0))).result, result.success);
			const read: Data[] = [];
			for (const [classId, name, attribute] of told) read.push(await client.read(ref(classId, name), attribute));
			return read;
		});
		const connection = once(headEnd, "connection") as Promise<[Socket]>;
		meter.simulator.pacer.step(1000);
		const [socket] = await connection;
		const body = new ByteReader(plainOf(await receive(socket)));
		socket.destroy();
		body.take(6 + 12);
		assert.deepEqual(elementsOf(readData(body), told.length), values);
	});

	it("brings no message beyond this machine while it listens on this machine alone", async () => {
		const messages: string[] = [];
		const { SimulatorOutlet } = await import("../../hosts/simulator/links/simulator-outlet.js");
		const { transport } = await import("../../src/ports/outlet.js");
		const log = { write: (_level: string, _part: string, text: string) => void messages.push(text) };
		const outlet = new SimulatorOutlet("127.0.0.1", log);
		const message = { number: 3, destination: "192.0.2.1:4059", sourceSap: 1, destinationSap: 102, apdu: plainApdu };
		for (const kind of [transport.tcp, transport.udp]) {
			const isDelivered = await new Promise((resolve) =>
				outlet.send({ ...message, transport: kind }, { messageSent: (_number, isSent) => resolve(isSent) }),
			);
			assert.equal(isDelivered, false);
		}
		assert.equal(messages.length, 2);
	});
});

const plainApdu = Uint8Array.of(0x0f, 0, 0, 0, 1, 0, 0);

for (const suite of [1, 2] as const) {
	describe(`push in suite ${suite}`, () => {
		it("F143: goes out under agreed keys, signed before or after, as push_protection_parameters say", async () => {
			const folder = mkdtempSync(join(tmpdir(), "sx402-push-"));
			const meter = await RunningMeter.start("ST402D", { suite, data: folder, seed: 7, speed: 0 });
			const headEnd = createServer().listen(0, "127.0.0.1");
			await once(headEnd, "listening");
			try {
				const keys = readClientKeys(folder, suite);
				const twice = (key: Uint8Array): Uint8Array => (suite === 2 ? concat(key, key) : key);
				const security = testSecurity({
					control: 0x30 + suite,
					unicastKey: twice(testKeys.unicastKey),
					authenticationKey: twice(testKeys.authenticationKey),
				});
				const management = await DlmsClient.connectTcp({
					clientSap: clientSap.management,
					mechanism: mechanism.highEcdsa,
					proof: signatureProof(keys),
					security,
					port: meter.simulator.tcp,
				});
				await management.associate();
				const { port } = headEnd.address() as AddressInfo;
				const destination = data.structure(data.enum(0), data.octetString(`127.0.0.1:${port}`), data.enum(0));
				assert.equal(await management.set(alarmPush, 3, destination), result.success);
				const none = data.octetString("");
				const part = (type: number, scheme: number): Data => {
					const keyInfo = data.structure(data.enum(2), data.structure(data.octetString(Uint8Array.of(scheme)), none));
					return data.structure(
						data.enum(type),
						data.structure(none, none, data.octetString(clientTitle), none, keyInfo),
					);
				};
				const cases: [Data, number[], string][] = [
					[data.array(part(2, 1)), [0xdd], "0201"],
					[data.array(part(2, 2)), [0xdd], "0202"],
					[data.array(part(3, 1), part(2, 1)), [0xdd, 0xdf], "0201"],
					[data.array(part(2, 2), part(3, 1)), [0xdf, 0xdd], "0202"],
				];
				for (const [setting, layers, keyInfo] of cases) {
					assert.equal(await management.set(alarmPush, 10, setting), result.success);
					const connection = once(headEnd, "connection") as Promise<[Socket]>;
					assert.equal((await management.action(alarmPush, 1, data.integer(0))).result, result.success);
					meter.simulator.pacer.step(1000);
					const [socket] = await connection;
					const unit = await receive(socket);
					const general: GeneralOptions = { transaction: 0, keys };
					const session = new SecureSession({ ...security, general });
					session.serverTitle = meter.simulator.simulated.meter.application.identity.systemTitle;
					const plain = session.unprotect(unit.apdu);
					assert.equal(plain[0], 0x0f);
					assert.ok(Buffer.from(plain).includes(meter.simulator.logicalDeviceName));
					assert.deepEqual(general.answered!.layers, layers);
					assert.equal(general.answered!.keyInfo, keyInfo);
					socket.destroy();
				}
				await management.close();
			} finally {
				await meter.close();
				headEnd.close();
				rmSync(folder, { recursive: true });
			}
		});
	});
}
