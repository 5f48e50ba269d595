// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { DeviceError } from "../../src/core/device-error.js";
import { st402d } from "../../src/models/model.js";
import { flashLayout, type Partition, sectorSize } from "../../src/storage/layout.js";
import { MeterBench } from "../events/meter-bench.js";
import { type AccessItem, accessResults, encodeAccess, exchange, exchangeInBlocks } from "../support/client/access.js";
import type { Association } from "../support/client/association.js";
import { decodeData, encodeData } from "../support/client/axdr.js";
import { concat, toHex } from "../support/client/bytes.js";
import { DlmsClient } from "../support/client/client.js";
import { data, ref } from "../support/client/data.js";
import { type BlockTransferOptions, decodeGeneralBlock, encodeGeneralBlock } from "../support/client/general-blocks.js";
import { decodeResponse, encodeGet, encodeSet, result, type ServiceResponse } from "../support/client/services.js";
import { clientSap } from "../support/client/test-client.js";
import { type LinkName, RunningMeter } from "../support/running-meter.js";

const objectList = { ref: ref(15, "0-0:40.0.0.255"), attribute: 2 };
const deviceId = { ref: ref(1, "0-0:96.1.1.255"), attribute: 2 };
const clock = ref(8, "0-0:1.0.0.255");
const loadProfile = ref(7, "1-0:99.1.0.255");
/** As management is granted it: everything. */
const conformance = 0x60_7edf;
/** Of it without the blocks of GET, SET and ACTION. */
const generalBlocksOnly = 0x60_62df;

async function ask(
	association: Association,
	apdu: Uint8Array,
	options?: BlockTransferOptions,
): Promise<ServiceResponse> {
	return decodeResponse((await exchangeInBlocks(association, apdu, options)).plain);
}

function givenBy(response: ServiceResponse): string {
	assert.equal(response.kind, "get");
	return response.kind === "get" && response.value.data !== undefined ? toHex(encodeData(response.value.data)) : "";
}

describe("general blocks", () => {
	let meter: RunningMeter;
	let whole = "";

	before(async () => {
		meter = await RunningMeter.start("SM402D", { speed: 0 });
		whole = await meter.with("management", async (client) => toHex(encodeData(await client.read(objectList.ref, 2))));
	});
	after(() => meter.close());

	const links: readonly LinkName[] = ["wrapper", "direct HDLC", "RS485"];
	const ways: readonly (readonly [number, number, BlockTransferOptions])[] = [
		[200, 1, { lose: [2], size: 16 }],
		[64, 63, { lose: [1, 40, 63, 64, 65, 200], size: 11 }],
		[300, 7, { lose: [7, 8, 14], endWithAcknowledgement: true, loseOurs: [2], size: 5 }],
		[1024, 3, { endWithAcknowledgement: true }],
		[0xffff, 2, {}],
		[0, 9, { endWithAcknowledgement: true }],
	];
	for (const link of links) {
		it(`F163: carry a long answer over ${link} in any window, and what was lost again`, async () => {
			for (const [maximumPduSize, window, options] of ways) {
				await meter.with(
					"management",
					async (client) => {
						const { association } = client;
						// the second time nothing of the first is left
						for (let turn = 0; turn < 2; turn++) {
							const { plain, received } = await exchangeInBlocks(association, encodeGet({ id: turn }, objectList), {
								...options,
								window,
							});
							assert.equal(givenBy(decodeResponse(plain)), whole);
							const longest = maximumPduSize === 0 ? 0xffff : maximumPduSize;
							for (const block of received) assert.ok(encodeGeneralBlock(block).length <= longest);
						}
						// a request without them is answered without them
						assert.equal((await client.get(clock, 3)).result, result.success);
					},
					link,
					{ maximumPduSize, conformance },
				);
			}
		});

		it(`F163 G3: carry a long SET over ${link}, of which nothing is done before its last block`, async () => {
			await meter.with(
				"management",
				async (client) => {
					const { association } = client;
					const value = data.octetString(`forty-eight octets over ${link}`.padEnd(48, "."));
					const before = await client.read(deviceId.ref, 2);
					const apdu = association.session!.protect(encodeSet({ id: 5 }, deviceId, value));
					// half of it, then another request: the association goes on, nothing was written
					await association.sendRaw(encodeGeneralBlock({ number: 1, data: apdu.slice(0, 40) }));
					await association.receiveRaw();
					assert.deepEqual(await client.read(deviceId.ref, 2), before);
					const response = await ask(association, encodeSet({ id: 6 }, deviceId, value), {
						size: 9,
						loseOurs: [1, 3, 4, 8],
					});
					assert.deepEqual(response, { kind: "set", invocation: 0xc6, result: result.success });
					assert.deepEqual(await client.read(deviceId.ref, 2), value);
				},
				link,
				{ conformance },
			);
		});

		it(`G9: given up in the middle over ${link} leave nothing behind`, async () => {
			await meter.with(
				"management",
				async (client) => {
					const { association } = client;
					const apdu = association.session!.protect(encodeGet({ id: 1 }, objectList));
					await association.sendRaw(encodeGeneralBlock({ isLast: true, window: 1, number: 1, data: apdu }));
					await association.receiveRaw();
					await association.sendRaw(encodeGeneralBlock({ isLast: true })); // abort
					assert.equal((await client.get(clock, 3)).result, result.success);
					// what is acknowledged then is not known any more
					await association.sendRaw(encodeGeneralBlock({ number: 2, acknowledged: 1 }));
					assert.equal((await association.receiveRaw())[0], 0xe0);
					assert.equal(givenBy(await ask(association, encodeGet({ id: 2 }, objectList), { window: 20 })), whole);
				},
				link,
				{ maximumPduSize: 400, conformance },
			);
		});
	}

	it("F163: carry the long answers of a client that has agreed on no other blocks", async () => {
		await meter.with(
			"management",
			async (client) => {
				const { association } = client;
				const session = association.session!;
				await association.sendRaw(session.protect(encodeGet({ id: 4 }, objectList)));
				const parts: Uint8Array[] = [];
				for (;;) {
					const raw = await association.receiveRaw();
					assert.ok(raw.length <= 200);
					const { number, data: part, isLast } = decodeGeneralBlock(raw);
					parts.push(part);
					assert.equal(number, parts.length);
					if (isLast) break;
					await association.sendRaw(encodeGeneralBlock({ number, acknowledged: number }));
				}
				assert.equal(givenBy(decodeResponse(session.unprotect(concat(...parts)))), whole);
			},
			"wrapper",
			{ maximumPduSize: 200, conformance: generalBlocksOnly },
		);
	});
});

describe("ACCESS, from outside", () => {
	let meter: RunningMeter;
	before(async () => {
		meter = await RunningMeter.start("SM402D", { speed: 0 });
	});
	after(() => meter.close());

	const write = (text: string): AccessItem => ({
		kind: "set",
		object: deviceId.ref,
		index: 2,
		value: encodeData(data.octetString(text)),
	});
	const read: AccessItem = { kind: "get", object: deviceId.ref, index: 2 };
	const denied: AccessItem = { kind: "set", object: clock, index: 4, value: Uint8Array.of(0x11, 0) };
	const shift: AccessItem = { kind: "action", object: clock, index: 6, value: Uint8Array.of(0x10, 0, 1) };

	for (const link of ["wrapper", "direct HDLC"] as const) {
		it(`F163: reads what it has written before, and answers each item by itself over ${link}`, async () => {
			await meter.with(
				"management",
				async ({ association }) => {
					const items = [write("one"), read, denied, shift, write("two"), read];
					const plain = await exchange(association, encodeAccess(items));
					assert.deepEqual(accessResults(plain, 6), [0, 0, result.readWriteDenied, 0, 0, 0]);
					const values = plain.slice(8, -13);
					const expected = [
						Uint8Array.of(0),
						encodeData(data.octetString("one")),
						Uint8Array.of(0, 0, 0),
						encodeData(data.octetString("two")),
					];
					assert.equal(toHex(values), toHex(concat(...expected)));
				},
				link,
				{ conformance },
			);
		});
	}

	it("F163: serves nothing behind the first failure where it was asked to", async () => {
		await meter.with(
			"management",
			async (client) => {
				const items = [write("first"), denied, write("second")];
				const plain = await exchange(client.association, encodeAccess(items, true));
				assert.deepEqual(accessResults(plain, 3), [0, result.readWriteDenied, result.otherReason]);
				assert.deepEqual(await client.read(deviceId.ref, 2), data.octetString("first"));
			},
			"wrapper",
			{ conformance },
		);
	});

	it("F163: comes in general blocks where it is too long", async () => {
		await meter.with(
			"management",
			async (client) => {
				const list: AccessItem = { kind: "get", object: objectList.ref, index: 2 };
				const { plain } = await exchangeInBlocks(client.association, encodeAccess([list, read]), {
					window: 9,
					lose: [3],
				});
				assert.deepEqual(accessResults(plain, 2), [0, 0]);
				const expected = concat(
					encodeData(await client.read(objectList.ref, 2)),
					encodeData(await client.read(deviceId.ref, 2)),
				);
				assert.equal(toHex(plain.slice(8, -5)), toHex(expected));
			},
			"wrapper",
			{ maximumPduSize: 128, conformance },
		);
	});
});

/** Flash of which some sectors can no longer be read. */
class WornFlash extends MemoryFlash {
	lost: Partition | undefined;

	override read(address: number, into: Uint8Array): void {
		const sector = Math.floor(address / sectorSize);
		const { lost } = this;
		if (lost !== undefined && sector >= lost.firstSector && sector < lost.firstSector + lost.sectorCount)
			throw new DeviceError("flash", "refused");
		super.read(address, into);
	}
}

describe("a memory that fails in one array", () => {
	const layout = flashLayout("desktop");
	const flash = new WornFlash(layout.sectorCount);
	let client: DlmsClient;

	before(async () => {
		const bench = new MeterBench({ model: st402d, flash });
		bench.run(3000);
		const security = bench.security(clientSap.management);
		client = DlmsClient.overWrapper(bench.duplex("tcp"), { clientSap: clientSap.management, security, conformance });
		await client.associate();
	});
	beforeEach(() => {
		[flash.lost] = layout.loadProfiles;
	});

	const time = { ref: clock, attribute: 3 };
	const buffer = { ref: loadProfile, attribute: 2 };
	const events = { ref: ref(7, "0-0:99.98.0.255"), attribute: 2 };

	it("G3 F163: GET with list: that item is hardware-fault, the others have their values", async () => {
		const answers = await client.getMany([buffer, time, events, { ref: clock, attribute: 17 }, buffer]);
		const codes = [result.hardwareFault, 0, 0, result.objectUnavailable, result.hardwareFault];
		assert.deepEqual(
			answers.map(({ result: code }) => code),
			codes,
		);
		assert.deepEqual(answers[1]!.data, await client.read(clock, 3));
		assert.deepEqual(answers[2]!.data, await client.read(events.ref, 2));
	});

	it("G3 F163: ACTION with list: that item is hardware-fault, what the others have done is told", async () => {
		const { logicalName } = (await client.readObjectList()).find(({ classId }) => classId === 123)!;
		const manager = ref(123, logicalName);
		const first = data.structure(data.unsigned(1), data.structure(data.longUnsigned(1), data.longUnsigned(1)));
		const methods = [
			{ ref: manager, method: 2 },
			{ ref: manager, method: 1 }, // of another array
			{ ref: clock, method: 3 },
		];
		const act = () => client.actionMany(methods, [first, data.unsigned(2), data.integer(0)]);
		const answers = await act();
		assert.deepEqual(
			answers.map(({ result: code, data: value }) => [code, value?.type]),
			[
				[result.hardwareFault, undefined],
				[result.success, "double-long-unsigned"],
				[result.success, undefined],
			],
		);
		flash.lost = undefined;
		assert.deepEqual(
			(await act()).map(({ result: code }) => code),
			[0, 0, 0],
		);
	});

	it("G3 F163: ACCESS: that item is hardware-fault, the others are as they would be", async () => {
		const items: AccessItem[] = [
			{ kind: "get", object: loadProfile, index: 2 },
			{ kind: "set", object: deviceId.ref, index: 2, value: encodeData(data.octetString("written")) },
			{ kind: "get", object: deviceId.ref, index: 2 },
		];
		const plain = await exchange(client.association, encodeAccess(items));
		assert.deepEqual(accessResults(plain, 3), [result.hardwareFault, 0, 0]);
		assert.deepEqual(decodeData(plain.slice(10, -7)), data.octetString("written"));
	});
});
