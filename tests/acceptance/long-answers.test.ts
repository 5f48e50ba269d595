// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { conformance } from "../support/client/acse.js";
import { DlmsClient } from "../support/client/client.js";
import { asOctets, data, ref } from "../support/client/data.js";
import { HdlcLink } from "../support/client/hdlc.js";
import type { Frame } from "../support/client/hdlc-frame.js";
import { decodeResponse, encodeGet, encodeGetNext, encodeSetBlock, result } from "../support/client/services.js";
import { clientSap } from "../support/client/test-client.js";
import { type LinkName, RunningMeter } from "../support/running-meter.js";
import type { ClientName } from "../support/specified-meter.js";

const objectList = { ref: ref(15, "0-0:40.0.0.255"), attribute: 2 };
const deviceIds = ["0-0:96.1.1.255", "0-0:96.1.2.255"].map((name) => ({ ref: ref(1, name), attribute: 2 }));

/** Sizes of the answers of the meter from now on. */
function watchAnswers(client: DlmsClient): number[] {
	const sizes: number[] = [];
	client.association.trace = (direction, apdu) => {
		if (direction === "received") sizes.push(apdu.length);
	};
	return sizes;
}

const accesses: readonly (readonly [ClientName, LinkName])[] = [
	["public", "wrapper"],
	["management", "wrapper"],
	["management", "direct HDLC"],
];

describe("answers longer than a PDU", () => {
	let meter: RunningMeter;
	before(async () => {
		meter = await RunningMeter.start("ST402C");
	});
	after(() => meter.close());

	for (const [name, link] of accesses) {
		for (const maximumPduSize of [64, 128, 1024]) {
			it(`F163: ${name} client over ${link} gets the object list in PDUs of at most ${maximumPduSize} octets`, async () => {
				const whole = await meter.with(name, (client) => client.read(objectList.ref, 2));
				await meter.with(
					name,
					async (client) => {
						const sizes = watchAnswers(client);
						assert.deepEqual(await client.read(objectList.ref, 2), whole);
						assert.ok(Math.max(...sizes) <= maximumPduSize, `${Math.max(...sizes)} octets`);
						// every PDU but the last is filled: no room is given away
						if (sizes.length > 1) assert.ok(Math.min(...sizes.slice(0, -1)) >= maximumPduSize - 15, `${sizes}`);
						else assert.equal(maximumPduSize, 1024);
					},
					link,
					{ maximumPduSize },
				);
			});
		}
	}

	it("F163: a client without a limit gets the same value", async () => {
		const whole = await meter.with("management", (client) => client.read(objectList.ref, 2));
		const unlimited = await meter.with("management", (client) => client.read(objectList.ref, 2), "wrapper", {
			maximumPduSize: 0,
		});
		assert.deepEqual(unlimited, whole);
	});

	it("F163: a client without block transfer is told that the answer is too long", async () => {
		await meter.with(
			"public",
			async (client) => {
				const { result: code } = await client.get(objectList.ref, 2);
				assert.notEqual(code, result.success);
			},
			"wrapper",
			{ maximumPduSize: 64, conformance: conformance("get", "selectiveAccess") },
		);
	});

	it("F163: a list of values comes in blocks too", async () => {
		await meter.with(
			"management",
			async (client) => {
				const names = Array.from({ length: 8 }, () => ({ ref: ref(1, "0-0:42.0.0.255"), attribute: 2 }));
				const refused = { ref: ref(1, "0-0:1.0.0.255"), attribute: 2 };
				const answers = await client.getMany([...names, refused]);
				const [first] = answers;
				for (const answer of answers.slice(0, -1)) assert.deepEqual(answer, first);
				assert.equal(asOctets(first!.data!).length, 16);
				assert.equal(answers.at(-1)!.result, result.objectClassInconsistent);
			},
			"wrapper",
			{ maximumPduSize: 64 },
		);
	});

	it("F163: next without a transfer, and a wrong block number, are refused", async () => {
		await meter.with(
			"management",
			async (client) => {
				const { association } = client;
				const codeOf = async (apdu: Uint8Array): Promise<number> => {
					const response = decodeResponse(await association.exchange(apdu));
					if (response.kind === "getBlock") return response.result;
					assert.equal(response.kind, "get");
					return response.kind === "get" ? response.value.result : -1;
				};
				assert.equal(await codeOf(encodeGetNext({ id: 1 }, 1)), result.noLongGetInProgress);
				assert.equal(await codeOf(encodeGet({ id: 2 }, objectList)), 0);
				assert.equal(await codeOf(encodeGetNext({ id: 2 }, 7)), result.dataBlockNumberInvalid);
				assert.equal(await codeOf(encodeGetNext({ id: 2 }, 1)), result.noLongGetInProgress);
			},
			"wrapper",
			{ maximumPduSize: 128 },
		);
	});

	it("F163: a SET in blocks takes effect with the last one", async () => {
		await meter.with("management", async (client) => {
			const text = "a device id of exactly forty-eight octets: 12345";
			assert.equal(await client.set(deviceIds[0]!.ref, 2, data.octetString(text), 7), 0);
			assert.deepEqual(await client.read(deviceIds[0]!.ref, 2), data.octetString(text));
			const written = await client.setMany(deviceIds, [data.octetString("first"), data.octetString("second")], 5);
			assert.deepEqual(written, [0, 0]);
			assert.deepEqual(
				(await client.getMany(deviceIds)).map(({ data: value }) => value),
				[data.octetString("first"), data.octetString("second")],
			);
			assert.equal(await client.set(deviceIds[0]!.ref, 2, data.octetString("x".repeat(49)), 11), result.otherReason);
			assert.deepEqual(await client.read(deviceIds[0]!.ref, 2), data.octetString("first"));
		});
	});

	it("F163: a block of a SET that was never begun is refused", async () => {
		await meter.with("management", async (client) => {
			const block = { isLast: true, number: 2, raw: Uint8Array.of(0) };
			const response = decodeResponse(await client.association.exchange(encodeSetBlock({ id: 3 }, block)));
			const code = response.kind === "setLast" || response.kind === "set" ? response.result : undefined;
			assert.equal(code, result.noLongSetInProgress);
		});
	});

	it("F163: the parameter of a method may come in blocks", async () => {
		await meter.with("management", async (client) => {
			const { result: code } = await client.action(ref(8, "0-0:1.0.0.255"), 6, data.long(0), 2);
			assert.equal(code, 0);
		});
	});
});

describe("answers longer than a frame", () => {
	let meter: RunningMeter;
	before(async () => {
		meter = await RunningMeter.start("ST402D");
	});
	after(() => meter.close());

	async function readOver(
		parameters: HdlcLink["parameters"] | undefined,
		device?: number,
	): Promise<{ sizes: number[]; agreed: HdlcLink["parameters"]; frames: Frame[] }> {
		const client = await DlmsClient.connectOptical({
			clientSap: clientSap.public,
			port: meter.simulator.optical,
			signOn: "direct",
			parameters,
			device,
		});
		try {
			const { link } = client.association;
			assert.ok(link instanceof HdlcLink);
			const frames: Frame[] = [];
			link.trace = (direction, frame) => {
				if (direction === "received") frames.push(frame);
			};
			await client.associate();
			assert.ok((await client.readObjectList()).length >= 10);
			return { sizes: frames.map(({ information }) => information.length), agreed: link.parameters, frames };
		} finally {
			await client.close();
		}
	}

	it("F163: without parameters frames carry 128 octets, one at a time", async () => {
		const { sizes, agreed, frames } = await readOver(undefined);
		assert.deepEqual(agreed, {
			informationTransmit: 128,
			informationReceive: 128,
			windowTransmit: 1,
			windowReceive: 1,
		});
		assert.equal(Math.max(...sizes), 128);
		assert.ok(frames.every(({ control }) => (control & 0x10) !== 0));
	});

	it("F163: a client that takes less gets less", async () => {
		const { sizes } = await readOver({
			informationTransmit: 64,
			informationReceive: 48,
			windowTransmit: 1,
			windowReceive: 1,
		});
		assert.equal(Math.max(...sizes), 48);
	});

	it("F163: the meter is reached by its own lower address too, and by no other", async () => {
		const serial = Number(meter.simulator.logicalDeviceName.slice(-8));
		await readOver(undefined, (serial % 10_000) + 1000);
	});
});
