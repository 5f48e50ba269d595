// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MeterBench } from "../events/meter-bench.js";
import { decodeAare, encodeAarq, encodeInitiateRequest, encodeRlrq } from "../support/client/acse.js";
import { fromAscii, fromHex, toHex } from "../support/client/bytes.js";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, encodeLogicalName, ref } from "../support/client/data.js";
import { AssociationRefusedError } from "../support/client/errors.js";
import { type ClientSecurity, SecureSession } from "../support/client/security.js";
import { encodeGet } from "../support/client/services.js";
import { clientSap, clientTitle, testSecurity } from "../support/client/test-client.js";
import { type LinkName, RunningMeter } from "../support/running-meter.js";
import type { ClientName } from "../support/specified-meter.js";

const clock = ref(8, "0-0:1.0.0.255");
const deviceId = ref(1, "0-0:96.1.1.255");
const loadProfile = ref(7, "1-0:99.1.0.255");
const supplySwitch = ref(70, "0-0:96.3.10.255");
const getClock = encodeGet({ id: 1 }, { ref: clock, attribute: 2 });
const publicAarq = encodeAarq({
	context: 1,
	userInformation: encodeInitiateRequest({ conformance: 0x00_1214, maximumPduSize: 1024 }),
});
const otherTitle = fromAscii("XXX00001");
const wrongKey = new Uint8Array(16).fill(0x5a);

/** A link of its own without an association. */
function openLink(meter: RunningMeter, link: LinkName, sap: number, security?: ClientSecurity): Promise<DlmsClient> {
	const { tcp, optical, rs485 } = meter.simulator;
	const options = { clientSap: sap, security };
	if (link === "wrapper") return DlmsClient.connectTcp({ ...options, port: tcp });
	if (link === "RS485") {
		const address = { device: meter.deviceAddress, addressSize: 4 } as const;
		return DlmsClient.connectOptical({ ...options, ...address, port: rs485!, signOn: "direct" });
	}
	return DlmsClient.connectOptical({ ...options, port: optical, signOn: link === "mode E" ? "modeE" : "direct" });
}

async function withLink<Value>(
	meter: RunningMeter,
	link: LinkName,
	sap: number,
	use: (client: DlmsClient) => Promise<Value>,
): Promise<Value> {
	const client = await openLink(meter, link, sap);
	try {
		return await use(client);
	} finally {
		await client.association.link.close();
	}
}

interface Offer {
	readonly mechanism?: number | undefined;
	readonly challenge?: Uint8Array;
	readonly title?: Uint8Array;
}

/** An AARQ of a client with its keys: "result/diagnostic". */
async function offer(
	meter: RunningMeter,
	name: ClientName,
	sap: number,
	link: LinkName,
	given: Offer,
): Promise<string> {
	const { challenge = fromAscii("a challenge of 24 octets"), title = clientTitle } = given;
	const security = meter.security(name);
	const initiate = encodeInitiateRequest({ conformance: 0xff_ffff, maximumPduSize: 1024 });
	const request = encodeAarq({
		context: security === undefined ? 1 : 3,
		systemTitle: security === undefined ? undefined : title,
		mechanism: given.mechanism,
		authenticationValue: given.mechanism === undefined ? undefined : challenge,
		userInformation:
			security === undefined ? initiate : new SecureSession({ ...security, systemTitle: title }).protect(initiate),
	});
	return withLink(meter, link, sap, async (client) => {
		const { result, diagnostic } = decodeAare(await client.sendRaw(request));
		if (result !== 0) assert.equal(toHex(await client.sendRaw(getClock)), "d80101", "nothing is left open");
		return `${result}/${diagnostic}`;
	});
}

describe("the checks of the security page", () => {
	describe("a meter as it is usually ordered", () => {
		let meter: RunningMeter;
		beforeEach(async () => {
			meter = await RunningMeter.start("ST402D", { speed: 0 });
			meter.simulator.pacer.step(2000);
		});
		afterEach(() => meter.close());

		for (const link of ["wrapper", "direct HDLC", "mode E", "RS485"] as const) {
			it(`F142 SEC-open: GET over ${link} before an association and after its release is exception 1/1`, async () => {
				if (link === "mode E") meter.simulator.pacer.setSpeed(1); // the port takes its time to answer
				await withLink(meter, link, clientSap.public, async (client) => {
					assert.equal(toHex(await client.sendRaw(getClock)), "d80101");
					assert.equal(decodeAare(await client.sendRaw(publicAarq)).result, 0);
					assert.equal((await client.sendRaw(getClock))[3], 0, "served in between");
					await client.sendRaw(encodeRlrq(0));
					assert.equal(toHex(await client.sendRaw(getClock)), "d80101");
				});
			});
		}

		it("F142 SEC-down: of all mechanisms each client has its own and no other, not even none", async () => {
			const clients: readonly [ClientName, number, LinkName, number | undefined][] = [
				["public", clientSap.public, "wrapper", undefined],
				["management", clientSap.management, "wrapper", 5],
				["reader", clientSap.reader, "wrapper", 5],
				["technician", clientSap.technician, "direct HDLC", 5],
				["consumer", clientSap.consumer, "direct HDLC", 5],
				["metrology", clientSap.metrology, "direct HDLC", 5],
			];
			meter.simulator.simulated.housing.set({ sealOpen: true });
			meter.simulator.pacer.step(2000);
			for (const [name, sap, link, own] of clients) {
				for (const mechanism of [undefined, 0, 1, 2, 3, 4, 5, 6, 7, 9]) {
					const answer = await offer(meter, name, sap, link, { mechanism });
					const isNone = mechanism === undefined || (own === undefined && mechanism === 0);
					const expected = isNone ? (own === undefined ? "0/0" : "1/14") : mechanism === own ? "0/14" : "1/11";
					assert.equal(answer, expected, `${name}, mechanism ${mechanism}`);
				}
			}
		});

		it("F56 SEC-lock: who tries keys on each port is kept out there, one event a burst, while the head end reads on", async () => {
			const read = () => meter.with("management", (client) => client.read(clock, 2));
			const fail = async (name: "reader" | "technician", link: LinkName): Promise<number> => {
				const client = await openLink(meter, link, clientSap[name], testSecurity({ unicastKey: wrongKey }));
				try {
					await client.associate();
				} catch (error) {
					assert.ok(error instanceof AssociationRefusedError, String(error));
					return error.response.result;
				} finally {
					await client.association.link.close();
				}
				return assert.fail("let in with a wrong key");
			};
			for (const [name, link] of [
				["technician", "direct HDLC"],
				["reader", "RS485"],
				["reader", "wrapper"],
			] as const) {
				const results: number[] = [];
				for (let n = 0; n < 8; n++) {
					results.push(await fail(name, link));
					assert.equal(asOctets(await read()).length, 12);
				}
				assert.deepEqual(results, [1, 1, 1, 2, 2, 2, 2, 2], `${name} over ${link}`);
			}
			const rows = await meter.with("management", (client) => client.read(ref(7, "0-0:99.98.7.255"), 2));
			const bursts = elementsOf(rows)
				.map((row) => elementsOf(row))
				.filter((columns) => asNumber(columns[1]!) === 46)
				.map((columns) => toHex(asOctets(columns[2]!)));
			assert.deepEqual(bursts, ["0203", "0302", "0102"], "port and client of each burst");
		});

		it("SEC-deputy: secrets are captured, pushed and monitored by nobody; a script switches for nobody who may not", async () => {
			await meter.with("management", async (client) => {
				const captured = await client.read(loadProfile, 3);
				const clockColumn = elementsOf(captured)[0]!;
				for (const [classId, name, attribute] of [
					[15, "0-0:40.0.1.255", 7], // secret
					[19, "0-0:20.0.0.255", 7], // password P1
					[64, "0-0:43.0.1.255", 7],
				] as const) {
					const column = data.structure(
						data.longUnsigned(classId),
						data.octetString(encodeLogicalName(name)),
						data.integer(attribute),
						data.longUnsigned(0),
					);
					const answer = await client.set(loadProfile, 3, data.array(clockColumn, column));
					assert.ok([3, 250].includes(answer), `${name} captured: ${answer}`);
				}
				assert.deepEqual(await client.read(loadProfile, 3), captured);
			});
			await meter.with("reader", async (client) => {
				const answer = await client.action(ref(9, "0-0:10.0.106.255"), 1, data.longUnsigned(1));
				assert.equal(answer.result, 3);
			});
			await meter.with("management", async (client) => {
				assert.deepEqual(await client.read(supplySwitch, 3), data.enum(1));
			});
		});

		it("SEC-time: rows of the profile stay, whole and in their order, however the clock is moved", async () => {
			const rows = async (): Promise<string[]> => {
				const read = await meter.with("management", (client) => client.read(loadProfile, 2));
				return elementsOf(read).map((row) => JSON.stringify(row));
			};
			let before = await rows();
			for (const hours of [1, -1, -2, 3, -5, 4]) {
				meter.simulator.pacer.step(1_800_000);
				await meter.with("management", async (client) => {
					const time = Buffer.from(asOctets(await client.read(clock, 2)));
					time.writeUInt8((time.readUInt8(5) + hours + 24) % 24, 5);
					assert.equal(await client.set(clock, 2, data.octetString(Uint8Array.from(time))), 0);
				});
				const after = await rows();
				assert.deepEqual(after.slice(0, before.length), before);
				before = after;
			}
			assert.ok(before.length >= 12, String(before.length));
		});
	});

	describe("a meter ordered with more", () => {
		it("F142 SEC-title SEC-chal: only the titles of the order are taken of a client, and no shorter challenge than it says", async () => {
			const order = { clientTitles: { management: [fromHex("0102030405060708"), clientTitle] }, shortestChallenge: 16 };
			const meter = await RunningMeter.start("SM402D", { speed: 0, ...order });
			try {
				const management = (given: Offer) =>
					offer(meter, "management", clientSap.management, "wrapper", { mechanism: 5, ...given });
				const reader = (given: Offer) =>
					offer(meter, "reader", clientSap.reader, "wrapper", { mechanism: 5, ...given });
				assert.equal(await management({ title: otherTitle }), "1/13", "as a wrong key");
				assert.equal(await management({}), "0/14");
				assert.equal(await reader({ title: otherTitle }), "0/14", "a client without a list");
				assert.equal(await reader({ challenge: new Uint8Array(15).fill(1) }), "1/13");
				assert.equal(await reader({ challenge: new Uint8Array(16).fill(1) }), "0/14");
				await meter.with("management", (client) => client.read(clock, 2));
			} finally {
				await meter.close();
			}
		});
	});

	it("SEC-cpu: whoever floods with wrong signatures is kept out after three, for longer each time; the LED loses no pulse", async () => {
		/** Pulses of 40 times ten seconds, after `during` in each of them. */
		const pulses = async (during: (meter: RunningMeter) => Promise<void>): Promise<number> => {
			const meter = await RunningMeter.start("SM402D", { suite: 1, seed: 3, clock_s: 800_050_000, speed: 0 });
			try {
				const { cf1 } = meter.simulator.simulated.frontEnd;
				const before = cf1.count;
				for (let turn = 0; turn < 40; turn++) {
					await during(meter);
					meter.simulator.pacer.step(10_000);
				}
				return cf1.count - before;
			} finally {
				await meter.close();
			}
		};
		const results: number[] = [];
		const flooded = await pulses(async (meter) => {
			const client = await DlmsClient.connectTcp({
				clientSap: clientSap.management,
				mechanism: 7,
				proof: { answer: () => new Uint8Array(64).fill(1), isRight: () => true },
				security: testSecurity({ control: 0x31, counter: meter.security("management")!.counter }),
				port: meter.simulator.tcp,
			});
			await client.associate().catch((error: unknown) => {
				assert.ok(error instanceof AssociationRefusedError, String(error));
				results.push(error.response.result);
			});
			await client.association.link.close();
		});
		assert.equal(flooded, await pulses(async () => undefined));
		assert.ok(flooded > 10, String(flooded));
		assert.equal(results.length, 40);
		// three signatures are worked on, then one in ever longer times
		assert.ok(results.filter((result) => result !== 2).length <= 12, results.join());
	});

	it("SEC-ic: a counter of a client that is 2^24 from its end is in the security log, once, and goes on", async () => {
		const bench = new MeterBench();
		const security = bench.security(clientSap.management);
		const warnings = async () => (await bench.codes(7)).filter((code) => code === 241).length;
		security.counter.next = 0xff00_0000 - 100;
		assert.equal(await warnings(), 0);
		security.counter.next = 0xff00_0000;
		assert.equal(await warnings(), 1);
		bench.cutPower(5);
		assert.equal(await warnings(), 1);
	});

	it("SEC-wear: a client changes a thousand parameters at once, and one in 86.4 s then; clock and switch are free", async () => {
		const bench = new MeterBench();
		bench.run(2);
		const client = await bench.connect("management");
		const write = (n: number) => client.set(deviceId, 2, data.octetString(fromAscii(`text ${n & 1}`)));
		for (let n = 0; n < 1000; n++) assert.equal(await write(n), 0, String(n));
		const changes = await client.read(ref(1, "0-0:96.2.0.255"), 2);
		for (let n = 0; n < 500; n++) assert.equal(await write(n), 2);
		assert.deepEqual(await client.read(ref(1, "0-0:96.2.0.255"), 2), changes, "nothing was stored");
		assert.equal((await client.action(ref(15, "0-0:40.0.4.255"), 5, user)).result, 2, "nor by a method");
		assert.equal(toHex(asOctets(await client.read(deviceId, 2))), toHex(fromAscii("text 1")));
		assert.equal((await client.action(clock, 6, data.long(5))).result, 0);
		assert.equal(await client.set(clock, 2, await client.read(clock, 2)), 0);
		await client.close();
		bench.run(90);
		const later = await bench.connect("management");
		assert.equal(await later.set(deviceId, 2, data.octetString(fromAscii("later"))), 0);
		assert.equal(await later.set(deviceId, 2, data.octetString(fromAscii("again"))), 2);
		await later.close();
	});
});

const user = data.structure(data.unsigned(7), data.visibleString("seven"));
