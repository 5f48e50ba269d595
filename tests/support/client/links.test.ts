// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { concat, DecodeError, fromAscii, fromHex, toHex } from "./bytes.js";
import { ByteStream, type Duplex } from "./duplex.js";
import { HdlcLink } from "./hdlc.js";
import {
	checkSequence,
	decodeFrame,
	decodeParameters,
	encodeFrame,
	encodeParameters,
	encodeServerAddress,
	type Frame,
	takeFrame,
} from "./hdlc-frame.js";
import { readOut, signOnModeE } from "./optical.js";
import { encodeWrapper, takeWrapper } from "./wrapper.js";

type Vector = Readonly<Record<string, string>>;

function vectors(name: string): Vector[] {
	return JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), "utf8")).cases;
}

/** The other end of a line: gives every write to `answer`, and sends what that returns. */
function line(answer: (bytes: Uint8Array) => readonly Uint8Array[]): ByteStream {
	const duplex: Duplex = {
		onData: () => undefined,
		onClose: () => undefined,
		close: () => undefined,
		write(bytes) {
			for (const part of answer(bytes)) this.onData(part);
		},
	};
	return new ByteStream(duplex, 0);
}

describe("test client: wrapper", () => {
	for (const { id, what, frame, source_wport, destination_wport, apdu } of vectors("dlms-wrapper")) {
		it(`writes and reads ${id}, ${what}`, () => {
			const bytes = encodeWrapper(Number(source_wport), Number(destination_wport), fromHex(apdu!));
			assert.equal(toHex(bytes), frame);
			assert.equal(takeWrapper(bytes.slice(0, -1)), undefined);
			const taken = takeWrapper(concat(bytes, 0));
			assert.equal(taken?.used, bytes.length);
			assert.equal(toHex(taken!.message.apdu), apdu);
		});
	}
});

describe("test client: HDLC frames", () => {
	for (const vector of vectors("dlms-hdlc")) {
		const { id, what, frame, data, fcs, expect, destination, source_address, control, information } = vector;
		if (data !== undefined) {
			it(`computes ${what}`, () => assert.equal(toHex(checkSequence(fromHex(data))), fcs));
		} else if (expect === "discard") {
			it(`refuses ${id}, ${what}`, () => assert.throws(() => takeFrame(fromHex(frame!)), DecodeError));
		} else {
			it(`reads and writes ${id}, ${what}`, () => {
				const decoded = takeFrame(fromHex(frame!))!.message;
				assert.equal(toHex(decoded.destination), destination);
				assert.equal(toHex(decoded.source), source_address);
				assert.equal(decoded.control, Number.parseInt(control!, 16));
				assert.equal(String(decoded.isSegmented), String(vector["segmentation"]));
				assert.equal(toHex(decoded.information), information);
				assert.equal(toHex(encodeFrame(decoded)), frame);
			});
		}
	}

	it("writes server addresses of two and four octets", () => {
		assert.equal(toHex(encodeServerAddress(1, 17, 2)), "0223");
		assert.equal(toHex(encodeServerAddress(1, 17, 4)), "00020023");
		assert.equal(toHex(encodeServerAddress(1, 0x3fff, 4)), "0002feff");
	});

	it("writes and reads the parameters of SNRM and UA", () => {
		const bytes = fromHex("818014050207ee060207ee070400000001080400000001");
		const parameters = decodeParameters(bytes);
		assert.deepEqual(parameters, {
			informationTransmit: 2030,
			informationReceive: 2030,
			windowTransmit: 1,
			windowReceive: 1,
		});
		assert.equal(toHex(encodeParameters(parameters)), toHex(bytes));
	});

	it("waits for the rest of a frame and finds it behind noise", () => {
		const frame = fromHex("7ea0070321930f017e");
		for (let size = 0; size < frame.length; size++) assert.equal(takeFrame(frame.slice(0, size)), undefined);
		assert.ok(takeFrame(concat(fromHex("00ff7e"), frame)));
	});
});

describe("test client: HDLC link", () => {
	const address = { clientSap: 16, serverSap: 1 };
	const meter = (control: number, information = "", isSegmented = false): Uint8Array =>
		encodeFrame({
			destination: Uint8Array.of(0x21),
			source: Uint8Array.of(0x03),
			control,
			isSegmented,
			information: fromHex(information),
		});
	const agreed = "818012050180060180070400000003080400000003";

	/** A link to a meter that answers the n-th frame with the n-th list; `sent` gets what the client wrote. */
	async function connected(script: readonly (readonly Uint8Array[])[], retries?: number) {
		const sent: Frame[] = [];
		const answers = [[meter(0x73, agreed)], ...script];
		const stream = line((bytes) => {
			sent.push(decodeFrame(bytes.slice(1, -1)));
			return answers[sent.length - 1] ?? [];
		});
		const parameters = { informationTransmit: 128, informationReceive: 128, windowTransmit: 3, windowReceive: 3 };
		const link = new HdlcLink(stream, address, { parameters, retries });
		await link.open();
		return { link, sent };
	}

	it("takes the smaller of both sides' sizes, crosswise", async () => {
		const stream = line(() => [meter(0x73, "818013050207ee060140070400000001080400000007")]);
		const parameters = { informationTransmit: 512, informationReceive: 2030, windowTransmit: 5, windowReceive: 2 };
		const link = new HdlcLink(stream, address, { parameters });
		await link.open();
		assert.deepEqual(link.parameters, {
			informationTransmit: 64,
			informationReceive: 2030,
			windowTransmit: 5,
			windowReceive: 1,
		});
	});

	it("sends a long APDU in windows and collects a segmented answer", async () => {
		const { link, sent } = await connected([
			[], // 0
			[], // 1
			[meter(0x71)], // 2, poll: all three arrived
			[meter(0x90, "e6e7000102", true)], // 3, last
			[meter(0x92, "0304")],
		]);
		await link.send(new Uint8Array(400).fill(9));
		assert.deepEqual(
			sent.slice(1).map(({ control, isSegmented }) => [control, isSegmented]),
			[
				[0x00, true],
				[0x02, true],
				[0x14, true],
				[0x16, false],
			],
		);
		assert.equal(concat(...sent.slice(1).map(({ information }) => information)).length, 403);
		assert.equal(toHex(await link.receive()), "01020304");
		assert.equal(sent.at(-1)!.control, 0x31);
	});

	it("sends again from the first frame that did not arrive", async () => {
		const { link, sent } = await connected([[], [meter(0x31)], [meter(0x50, "e6e70055")]]);
		await link.send(new Uint8Array(200));
		assert.equal(toHex(await link.receive()), "55");
		assert.deepEqual(
			sent.slice(1).map(({ control }) => control),
			[0x00, 0x12, 0x12],
		);
	});

	it("asks again when nothing comes, if it may", async () => {
		const { link, sent } = await connected([[], [meter(0x11)], [meter(0x30, "e6e70066")]], 1);
		await link.send(Uint8Array.of(1));
		assert.equal(toHex(await link.receive()), "66");
		assert.deepEqual(
			sent.slice(1).map(({ control }) => control),
			[0x10, 0x11, 0x10],
		);
	});
});

describe("test client: optical port", () => {
	it("signs on in mode E", async () => {
		const written: string[] = [];
		const stream = line((bytes) => {
			written.push(toHex(bytes));
			return [written.length === 1 ? fromAscii("/SXf5\\2ST402D\r\n") : fromHex("063235320d0a")];
		});
		assert.deepEqual(await signOnModeE(stream), {
			manufacturer: "SXf",
			rate: "5",
			identification: "ST402D",
			offersHdlc: true,
		});
		assert.deepEqual(written, ["2f3f210d0a", "063235320d0a"]);
	});

	it("reads registers out and checks the block", async () => {
		// BCC of this block is 40h by hand: XOR of the characters after STX up to ETX
		const block = concat(2, fromAscii("0.0.0(12345678)\r\n1.8.0(000123.4*kWh)\r\n!\r\n"), 3, 0x40);
		const answer = (readout: Uint8Array) => {
			let count = 0;
			return line(() => [count++ === 0 ? fromAscii("/SXF5ST402D\r\n") : readout]);
		};
		assert.deepEqual(await readOut(answer(block)), [
			{ address: "0.0.0", value: "12345678", unit: undefined },
			{ address: "1.8.0", value: "000123.4", unit: "kWh" },
		]);
		block[block.length - 1] = 0x41;
		await assert.rejects(readOut(answer(block)), DecodeError);
	});
});
