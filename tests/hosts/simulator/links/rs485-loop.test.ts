// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Rs485Loop } from "../../../../hosts/simulator/links/rs485-loop.js";
import { HdlcSession } from "../../../../src/cosem/hdlc/hdlc-session.js";
import { defaultHdlcSetup } from "../../../../src/cosem/hdlc/hdlc-setup.js";
import { disc, frame, parameterField, snrm, ua, ui } from "../../../cosem/hdlc/hdlc-frames.js";
import { fromHex, toHex } from "../../../support/client/bytes.js";
import { FakeApduHandler } from "../../../support/fake-apdu-handler.js";

const character_ms = 10_000 / 9600;
const turnaround_ms = 5;
const meters = 31;

/** Upper address 1, lower address of the meter, both in two octets. */
function addressOf(deviceAddress: number): string {
	const octets = [0, 2, (deviceAddress >> 6) & 0xfe, ((deviceAddress << 1) & 0xfe) | 1];
	return octets.map((octet) => octet.toString(16).padStart(2, "0")).join("");
}

describe("RS485 loop", () => {
	let loop: Rs485Loop;
	let handlers: FakeApduHandler[];
	let setups: ReturnType<typeof defaultHdlcSetup>[];
	let heard: { at_ms: number; hex: string }[];
	let now_ms: number;

	const options = { maximumApdu: 1024, maximumInformation: 128, connections: 1 };

	beforeEach(() => {
		now_ms = 0;
		heard = [];
		handlers = [];
		setups = [];
		loop = new Rs485Loop({ baud: 9600, turnaround_ms });
		loop.onMasterData = (octets) => heard.push({ at_ms: now_ms, hex: toHex(octets) });
		for (let n = 0; n < meters; n++) {
			const handler = new FakeApduHandler();
			const setup = defaultHdlcSetup(n);
			handlers.push(handler);
			setups.push(setup);
			const info = { port: "rs485" as const, name: `rs485-${n}` };
			loop.attach(`meter ${n}`, (sink) => new HdlcSession(sink, handler, info, setup, options));
		}
	});

	/** Lets everything happen that is due within the time. */
	const run = (duration_ms: number): void => {
		const end_ms = now_ms + duration_ms;
		while (loop.nextDeadline_ms <= end_ms) {
			now_ms = loop.nextDeadline_ms;
			loop.advance(now_ms);
		}
		now_ms = end_ms;
		loop.advance(now_ms);
	};

	it("F82 F83: each of 31 meters answers its own address alone, after the turnaround, without a collision", () => {
		for (const { deviceAddress } of setups) {
			const address = addressOf(deviceAddress);
			const request = frame(address, "21", snrm);
			const begin_ms = now_ms;
			heard = [];
			loop.send(fromHex(request));
			run(200);
			const answer = frame("21", address, ua, parameterField(128, 128, 1, 1));
			assert.deepEqual(
				heard.map(({ hex }) => hex),
				[answer],
			);
			const silent_ms = heard[0]!.at_ms - begin_ms - ((request.length + answer.length) / 2) * character_ms;
			assert.ok(Math.abs(silent_ms - turnaround_ms) < 0.01, `${silent_ms} ms between request and answer`);
			loop.send(fromHex(frame(address, "21", disc)));
			run(200);
		}
		assert.deepEqual(loop.collisions, []);
	});

	it("F82: what is sent to all stations reaches 31 meters and none answers", () => {
		loop.send(fromHex(frame("0002feff", "21", ui, "e6e600c1")));
		run(1000);
		assert.deepEqual(heard, []);
		assert.deepEqual(
			handlers.map(({ requests }) => requests.length),
			new Array(meters).fill(1),
		);
	});

	it("F82: two meters with one address spoil each other's answer, and the loop tells", () => {
		setups[7]!.deviceAddress = setups[3]!.deviceAddress;
		loop.send(fromHex(frame(addressOf(setups[3]!.deviceAddress), "21", snrm)));
		run(200);
		assert.equal(loop.collisions.length, 1);
		assert.deepEqual(loop.collisions[0]!.stations, ["meter 3", "meter 7"]);
		const whole = frame("21", addressOf(setups[3]!.deviceAddress), ua, parameterField(128, 128, 1, 1));
		assert.ok(heard.length > 0 && heard.every(({ hex }) => hex !== whole));
	});

	it("F83: a master that talks into an answer loses both, and is answered when it asks again", () => {
		const address = addressOf(setups[0]!.deviceAddress);
		const request = fromHex(frame(address, "21", snrm));
		loop.send(request);
		run((request.length + 2) * character_ms + turnaround_ms);
		loop.send(request);
		run(200);
		assert.equal(loop.collisions.length, 1);
		const answer = frame("21", address, ua, parameterField(128, 128, 1, 1));
		assert.ok(heard.every(({ hex }) => hex !== answer));
		heard = [];
		loop.send(request);
		run(200);
		assert.equal(heard.at(-1)?.hex, answer);
	});

	it("F82: an address that is changed counts when the client has disconnected", () => {
		const setup = setups[0]!;
		const before = addressOf(setup.deviceAddress);
		loop.send(fromHex(frame(before, "21", snrm)));
		run(200);
		setup.deviceAddress = 2000;
		heard = [];
		loop.send(fromHex(frame(before, "21", disc)));
		run(200);
		assert.equal(heard[0]?.hex, frame("21", before, ua));
		heard = [];
		loop.send(fromHex(frame(before, "21", snrm)));
		run(200);
		assert.deepEqual(heard, []);
		loop.send(fromHex(frame(addressOf(2000), "21", snrm)));
		run(200);
		assert.equal(heard.length, 1);
	});

	it("F81: noise and frames with a wrong check sequence are dropped without a word", () => {
		const address = addressOf(setups[0]!.deviceAddress);
		const damaged = fromHex(frame(address, "21", snrm));
		damaged[5]! ^= 4;
		loop.send(Uint8Array.of(0x00, 0xff, 0x55, 0x7e, 0x13));
		loop.send(damaged);
		run(300);
		assert.deepEqual(heard, []);
		loop.send(fromHex(frame(address, "21", snrm)));
		run(200);
		assert.equal(heard.length, 1);
	});
});
