// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { defaultHdlcSetup } from "../../src/cosem/hdlc/hdlc-setup.js";
import type { OpticalPortOptions } from "../../src/iec62056-21/optical-port-options.js";
import { commandLlc, disc, frame, i, parameterField, responseLlc, snrm, ua } from "../cosem/hdlc/hdlc-frames.js";
import { fromAscii, fromHex, toHex } from "../support/client/bytes.js";
import { randomOctets, seededRandom } from "../support/fake-apdu-handler.js";
import { PortBench } from "../support/optical-port.js";

const hexOf = (text: string) => toHex(fromAscii(text));

const signOn = "/?!\r\n";
const identification = "/SXF5\\2ST402D\r\n";
const modeE = "\x06252\r\n";

/** The block of the standard's rules: XOR from after STX up to and with ETX is 40h. */
const readoutLines = ["0.0.0(12345678)", "1.8.0(000123.4*kWh)"];
const readoutBlock = "\x020.0.0(12345678)\r\n1.8.0(000123.4*kWh)\r\n!\r\n\x03\x40";

function setUp(options: Partial<OpticalPortOptions> = {}) {
	const hdlc = { maximumApdu: 300, maximumInformation: 128, connections: 2, minimumInterOctetTimeout_ms: 10_000 };
	return new PortBench({ hdlc, ...options });
}

const withReadout = () => {
	let begins = 0;
	const readout = {
		begin: () => {
			begins++;
			return readoutLines.length;
		},
		writeLine: (w: { octets(bytes: Uint8Array): void }, index: number) => w.octets(fromAscii(readoutLines[index]!)),
	};
	return { ...setUp({ readout }), begins: () => begins };
};

const snrmFrame = frame("03", "21", snrm);
const uaFrame = frame("21", "03", ua, parameterField(128, 128, 1, 1));
const discFrame = frame("03", "21", disc);
const discUa = frame("21", "03", ua);

describe("optical port", () => {
	describe("sign-on", () => {
		it("identifies itself after 200 ms, not before (F51, F52)", () => {
			const { say, wait, heard } = setUp();
			say(signOn);
			wait(199);
			assert.equal(heard(), "");
			wait(1);
			assert.equal(heard(), hexOf(identification));
		});

		it("reacts as late as on a line where it is told to, though octets come at once (F51)", () => {
			const { say, wait, heard } = setUp({ countsReception: true });
			say(signOn);
			wait(200 + 166); // five characters of ten bits at 300 Bd
			assert.equal(heard(), "");
			wait(1);
			assert.equal(heard(), hexOf(identification));
			say(modeE);
			wait(200 + 199); // six
			assert.equal(heard(), "");
			wait(1);
			assert.equal(heard(), hexOf(modeE));
		});

		it("answers after 20 ms where the setup says so, and shows it by the lower case letter", () => {
			const { setup, say, wait, heard } = setUp();
			setup.responseTime = 0;
			say(signOn);
			wait(19);
			assert.equal(heard(), "");
			wait(1);
			assert.equal(heard(), hexOf("/SXf5\\2ST402D\r\n"));
		});

		it("offers the rate of the setup, 19200 at most", () => {
			for (const [proposed, z] of [
				[0, "0"],
				[4, "4"],
				[6, "6"],
				[9, "6"],
			] as const) {
				const { setup, say, wait, heard } = setUp();
				setup.proposedBaud = proposed;
				say(signOn);
				wait(200);
				assert.equal(heard(), hexOf(identification.replace("5", z)));
			}
		});

		it("takes the message octet by octet, with parity bits, wake-up and noise before it", () => {
			for (const octets of [
				[...fromAscii(signOn)],
				[0xaf, 0x3f, 0x21, 0x8d, 0x0a], // even parity in the eighth bit
				[...new Uint8Array(600), ...fromAscii(signOn)],
				[0x55, 0xff, 0x0d, 0x0a, ...fromAscii("/?x/?!\r\n")],
				[0x7e, ...fromAscii(signOn)],
				[0x7e, 0x55, ...fromAscii(signOn)],
			]) {
				const { port, wait, heard } = setUp();
				for (const octet of octets) port.receive(Uint8Array.of(octet), 0);
				wait(200);
				assert.equal(heard(), hexOf(identification));
			}
		});

		it("answers to its own address only: serial number without leading zeros, or the device address (F52)", () => {
			const { setup, say, wait, heard } = setUp();
			const isAnswered = (address: string) => {
				say(`/?${address}!\r\n`);
				wait(200);
				const answer = heard();
				wait(2000); // no acknowledgement: idle again
				return answer !== "";
			};
			assert.deepEqual(["12345678", "0012345678", "12345679", "2345678", "123456789", "0"].map(isAnswered), [
				true,
				true,
				false,
				false,
				false,
				false,
			]);
			setup.deviceAddress = fromAscii("00AB7");
			assert.deepEqual(["AB7", "000AB7", "12345678", "", "ab7"].map(isAnswered), [true, true, false, true, false]);
		});

		it("keeps silent to what is no request message, however long (SEC-optical, SEC-mem)", () => {
			const { port, say, wait, heard } = setUp();
			for (const text of [
				"/!\r\n",
				"/?!\n",
				"/?\r\n",
				"?!\r\n",
				"/?!\r",
				`/?${"1".repeat(33)}!\r\n`,
				"x".repeat(500),
			]) {
				say(text);
				wait(3000);
				assert.equal(heard(), "", JSON.stringify(text));
			}
			assert.equal(port.state, "idle");
		});

		it("forgets a message with a pause of more than 1500 ms (F51)", () => {
			const { say, wait, heard } = setUp();
			say("/?");
			wait(1500);
			say("!\r\n");
			wait(200);
			assert.equal(heard(), hexOf(identification));
			wait(2000);
			say("/?");
			wait(1501);
			say("!\r\n");
			wait(2000);
			assert.equal(heard(), "");
		});

		it("does not listen while it has something to say", () => {
			const { say, wait, heard, port } = setUp();
			say(signOn + modeE);
			wait(200);
			assert.equal(heard(), hexOf(identification));
			assert.equal(port.state, "identified");
		});

		it("takes a second request message in place of the acknowledgement", () => {
			const { say, wait, heard } = setUp();
			say(signOn);
			wait(200);
			heard();
			say(signOn);
			wait(200);
			assert.equal(heard(), hexOf(identification));
		});
	});

	describe("mode E", () => {
		const cuts: [string, (text: string) => string[]][] = [
			["octet by octet", (text) => [...text]],
			["in one piece", (text) => [text]],
		];
		for (const [what, cut] of cuts) {
			it(`leads from sign-on to HDLC and back, ${what} (F53)`, () => {
				const { handler, port, say, sayHex, wait, heard } = setUp();
				const sayCut = (text: string) => cut(text).forEach(say);
				const sayHexCut = (hex: string) => cut(String.fromCharCode(...fromHex(hex))).forEach(say);
				for (let round = 0; round < 2; round++) {
					sayCut(signOn);
					wait(200);
					assert.equal(heard(), hexOf(identification));
					wait(300);
					sayCut(modeE);
					wait(199);
					assert.equal(heard(), "");
					wait(1);
					assert.equal(heard(), hexOf(modeE));
					sayHexCut(snrmFrame);
					assert.equal(heard(), uaFrame);
					sayHexCut(frame("03", "21", i(0, 0), `${commandLlc}c0`));
					assert.equal(heard(), frame("21", "03", i(0, 1), `${responseLlc}c0`));
					sayHex(hexOf(signOn));
					wait(300);
					assert.equal(heard(), "", "a sign-on at another rate cannot be seen");
					sayHexCut(discFrame);
					assert.equal(heard(), discUa);
					assert.equal(port.state, "idle");
				}
				assert.deepEqual(handler.aborts, [16, 16]);
			});
		}

		it("accepts rates up to the offered one", () => {
			for (const [z, isTaken] of [
				["0", true],
				["4", true],
				["6", false],
				["A", false],
			] as const) {
				const { say, wait, heard } = setUp();
				say(signOn);
				wait(200);
				heard();
				say(`\x062${z}2\r\n`);
				wait(200);
				assert.equal(heard(), isTaken ? hexOf(`\x062${z}2\r\n`) : "");
			}
		});

		it("returns after 120 s when no client connects, or when the client falls silent (F53)", () => {
			const { handler, port, say, sayHex, wait, heard } = setUp();
			const enter = () => {
				say(signOn);
				wait(200);
				say(modeE);
				wait(200);
				heard();
			};
			enter();
			wait(119_999);
			assert.equal(port.state, "hdlc");
			wait(1);
			assert.equal(port.state, "idle");
			enter();
			wait(60_000);
			sayHex(snrmFrame);
			assert.equal(heard(), uaFrame);
			wait(119_999);
			assert.equal(port.state, "hdlc");
			assert.deepEqual(handler.aborts, []);
			wait(1);
			assert.equal(port.state, "idle");
			assert.deepEqual(handler.aborts, [16]);
			assert.equal(heard(), "", "without a word");
		});

		it("returns after 120 s of silence where the HDLC setup knows no time-out, too (SEC-optical)", () => {
			const hdlcSetup = { ...defaultHdlcSetup(12_345_678), inactivityTimeout_s: 0 };
			const { handler, port, sayHex, wait } = setUp({ hdlcSetup });
			sayHex(snrmFrame);
			wait(119_999);
			assert.equal(port.state, "hdlc");
			wait(1);
			assert.equal(port.state, "idle");
			assert.deepEqual(handler.aborts, [16]);
		});

		it("returns after DM to a client that disconnects without having connected", () => {
			const { port, say, sayHex, wait } = setUp();
			say(signOn);
			wait(200);
			say(modeE);
			wait(200);
			sayHex(discFrame);
			assert.equal(port.state, "idle");
		});

		it("stays in HDLC until the last of several clients has gone", () => {
			const { port, sayHex } = setUp();
			sayHex(snrmFrame + frame("03", "03", snrm) + discFrame);
			assert.equal(port.state, "hdlc");
			sayHex(frame("03", "03", disc));
			assert.equal(port.state, "idle");
		});

		it("tells a real line its rates and formats, and counts the time of sending", () => {
			const formats: string[] = [];
			const line = { setFormat: (baud: number, format: string) => void formats.push(`${baud} ${format}`) };
			const { sayHex, say, wait, port, heard } = setUp({ line });
			assert.deepEqual(formats.splice(0), ["300 7E1"]);
			say(signOn);
			wait(200);
			assert.equal(identification.length, 15);
			heard();
			wait(2499); // 15 characters of 10 bits at 300 Bd and 2 s
			assert.equal(port.state, "identified");
			formats.splice(0);
			say(modeE);
			wait(200);
			assert.deepEqual(formats.splice(0), ["9600 7E1", "9600 8N1"]);
			sayHex(snrmFrame + discFrame);
			assert.deepEqual(formats, ["300 7E1"]);
		});

		it("confirms at the opening rate where that is configured", () => {
			const formats: string[] = [];
			const line = { setFormat: (baud: number, format: string) => void formats.push(`${baud} ${format}`) };
			const { say, wait } = setUp({ line, confirmsAtOpeningRate: true });
			say(signOn);
			wait(200);
			say(modeE);
			formats.splice(0);
			wait(200);
			assert.deepEqual(formats, ["9600 8N1"]);
		});
	});

	describe("direct HDLC", () => {
		it("connects from idle by SNRM, in any cut, and is idle again after DISC (F53)", () => {
			for (const size of [1, 4, 100]) {
				const { port, wait, heard } = setUp();
				for (const hex of [snrmFrame, discFrame]) {
					const bytes = fromHex(hex);
					for (let at = 0; at < bytes.length; at += size) port.receive(bytes.slice(at, at + size), 0);
				}
				assert.equal(heard(), uaFrame + discUa);
				assert.equal(port.state, "idle");
				port.receive(fromAscii(signOn), 0);
				wait(200);
				assert.equal(heard(), hexOf(identification));
			}
		});

		it("hands over a whole burst behind the SNRM", () => {
			const { sayHex, heard } = setUp();
			sayHex(snrmFrame + frame("03", "21", i(0, 0), `${commandLlc}c0`));
			assert.equal(heard(), uaFrame + frame("21", "03", i(0, 1), `${responseLlc}c0`));
		});

		it("is the only thing in default_mode 1, at the rate of the HDLC setup", () => {
			const formats: string[] = [];
			const line = { setFormat: (baud: number, format: string) => void formats.push(`${baud} ${format}`) };
			const { setup, say, sayHex, wait, heard } = setUp({ line });
			setup.defaultMode = 1;
			say(signOn);
			wait(3000);
			assert.equal(heard(), "");
			sayHex(snrmFrame + discFrame);
			assert.equal(heard(), uaFrame + discUa);
			assert.equal(formats[0], "300 7E1");
			const { port } = setUp({ line, setup });
			assert.equal(formats.at(-1), "9600 8N1");
			port.close();
		});
	});

	describe("data readout and programming", () => {
		it("reads out a block with its check character after an option select 0 (F52)", () => {
			const { port, say, wait, heard } = withReadout();
			say(signOn);
			wait(200);
			heard();
			say("\x06050\r\n");
			wait(199);
			assert.equal(heard(), "");
			wait(1);
			assert.equal(heard(), hexOf(readoutBlock));
			say("\x06");
			assert.equal(port.state, "idle");
		});

		it("repeats it three times on NAK, then is idle; and is idle without any reply (F52)", () => {
			const { port, say, wait, heard, begins } = withReadout();
			say(signOn);
			wait(200);
			heard();
			say("\x06050\r\n");
			for (let n = 0; n < 4; n++) {
				wait(200);
				assert.equal(heard(), hexOf(readoutBlock));
				say("\x15");
			}
			wait(200);
			assert.equal(heard(), "");
			assert.equal(port.state, "idle");
			assert.equal(begins(), 4);
			say(signOn);
			wait(200);
			say("\x06000\r\n");
			wait(200);
			assert.equal(port.state, "read");
			wait(1500);
			assert.equal(port.state, "idle");
		});

		it("reads out 2 s after its identification when no acknowledgement comes, nor a valid one (F52)", () => {
			for (const reply of ["", "\x06252\r", "\x06999\r\n", "\x06150\r\n", "hello\r\n"]) {
				const { say, wait, heard } = withReadout();
				say(signOn);
				wait(200);
				heard();
				say(reply);
				wait(1999);
				assert.equal(heard(), "");
				wait(1);
				assert.equal(heard(), hexOf(readoutBlock), JSON.stringify(reply));
			}
		});

		it("is idle where there is nothing to read out", () => {
			const { port, say, wait, heard } = setUp();
			say(signOn);
			wait(200);
			heard();
			say("\x06050\r\n");
			assert.equal(port.state, "idle");
			say(signOn);
			wait(200);
			heard();
			wait(2000);
			assert.equal(port.state, "idle");
			assert.equal(heard(), "");
		});

		it("refuses programming mode and is idle (F52, SEC-opt)", () => {
			const { handler, port, say, wait, heard } = withReadout();
			say(signOn);
			wait(200);
			heard();
			say("\x06051\r\n");
			wait(200);
			assert.equal(heard(), hexOf("\x01B0\x03\x71"));
			assert.equal(port.state, "idle");
			say("\x01R1\x021.8.0()\x03\x5a");
			wait(3000);
			assert.equal(heard(), "");
			assert.deepEqual(handler.requests, []);
		});

		it("takes a break message instead of the acknowledgement as the end", () => {
			const { port, say, wait } = withReadout();
			say(signOn);
			wait(200);
			say("\x01B0\x03\x71");
			assert.equal(port.state, "idle");
		});
	});

	it("survives noise in every state, opens nothing by it, and then serves (G8, SEC-optical)", () => {
		const random = seededRandom(21);
		const favourites = [...fromAscii("/?!\r\n\x06\x01\x15052"), 0x7e, 0xa0, 0x03, 0x21];
		const { handler, port, say, sayHex, wait, heard } = withReadout();
		for (let run = 0; run < 600; run++) {
			const depth = run % 4;
			if (depth > 0) say(signOn);
			wait(200);
			if (depth === 2) say(modeE);
			if (depth === 3) say("\x06050\r\n");
			wait(200);
			for (let n = 0; n < 5; n++) {
				sayHex(toHex(randomOctets(random, Math.floor(random() * 60), favourites)));
				wait(Math.floor(random() * 500));
			}
			wait(130_000);
			assert.equal(port.state, "idle");
		}
		assert.deepEqual(handler.requests, []);
		heard();
		sayHex(snrmFrame + discFrame);
		assert.equal(heard(), uaFrame + discUa);
		say(signOn);
		wait(200);
		assert.equal(heard(), hexOf(identification));
	});

	it("closes its link once and is silent afterwards", () => {
		const { handler, port, say, wait, heard } = setUp();
		port.close();
		port.close();
		assert.equal(handler.openLinks, 0);
		say(signOn);
		wait(1000);
		assert.equal(heard(), "");
		assert.equal(port.nextDeadline_ms, Infinity);
	});

	it("refuses options that would not fit into its messages", () => {
		assert.throws(() => setUp({ manufacturer: "SX" }), RangeError);
		assert.throws(() => setUp({ identification: "12345678901234567" }), RangeError);
	});
});
