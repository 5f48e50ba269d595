// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { ReadoutSupplier } from "../../src/iec62056-21/data-readout.js";
import type { OpticalPortOptions } from "../../src/iec62056-21/optical-port-options.js";
import { type ProgrammingHost, programmingOutcome } from "../../src/iec62056-21/programming-session.js";
import { fromAscii, toHex } from "../support/client/bytes.js";
import { randomOctets, seededRandom } from "../support/fake-apdu-handler.js";
import { blockOf } from "../support/optical-head.js";
import { PortBench } from "../support/optical-port.js";

const hexOf = (text: string) => toHex(fromAscii(text));

const password = "\x01P1\x02(00000000)";
const readEnergy = "\x01R1\x021.8.0()";
const energy = "\x021.8.0(000123.456*kWh)";
const failure = blockOf("\x02(ERROR)");
const signOff = "\x01B0\x03\x71";
const nak = "\x15";
const ack = "\x06";

class FakeHost implements ProgrammingHost {
	isRefused = false;
	closes = 0;
	readonly passwords: string[] = [];
	readonly written: string[] = [];
	outcome: number = programmingOutcome.done;

	authorise(offered: Uint8Array): number {
		this.passwords.push(String.fromCharCode(...offered));
		return this.outcome;
	}
	read(address: string): string | undefined {
		return address === "1.8.0" ? energy.slice(1) : undefined;
	}
	write(address: string, value: string): number {
		this.written.push(`${address}=${value}`);
		return this.outcome;
	}
	close(): void {
		this.closes++;
	}
}

function setUp(options: Partial<OpticalPortOptions> = {}) {
	const host = new FakeHost();
	const readout: ReadoutSupplier = { begin: () => 0, writeLine: () => undefined, openProgramming: () => host };
	const { port, wait, say, heard } = new PortBench({ readout, ...options });
	const enter = () => {
		say("/?!\r\n");
		wait(200);
		heard();
		say("\x06051\r\n");
		wait(200);
		return heard();
	};
	/** What is answered after the reaction time of 200 ms. */
	const ask = (text: string) => {
		say(text);
		wait(199);
		assert.equal(heard(), "", "not before its reaction time");
		wait(1);
		return Buffer.from(heard(), "hex").toString("latin1");
	};
	return { host, port, wait, say, heard, enter, ask };
}

describe("programming mode of the optical port (mode C)", () => {
	it("F52: begins with P0 and the serial number; the checks are those of the standard's examples", () => {
		const { enter, ask, port, host } = setUp();
		assert.equal(enter(), hexOf("\x01P0\x02(12345678)\x03\x68"));
		assert.equal(blockOf(password), `${password}\x03\x61`);
		assert.equal(blockOf(readEnergy), `${readEnergy}\x03\x5a`);
		assert.equal(ask(blockOf(password)), ack);
		assert.deepEqual(host.passwords, ["00000000"]);
		assert.equal(ask(blockOf(readEnergy)), `${energy}\x03\x5c`);
		assert.equal(ask(blockOf("\x01R1\x021.8.0(1)")), blockOf(energy), "one item");
		assert.equal(ask("\x01W1\x020.9.1(123456)\x03\x59"), ack);
		assert.deepEqual(host.written, ["0.9.1=123456"]);
		assert.equal(ask(signOff), "");
		assert.equal(port.state, "idle");
		assert.equal(host.closes, 1);
	});

	it("F52: takes a message in any cut, with parity bits, and listens to nothing while it has something to say", () => {
		const { enter, say, wait, heard } = setUp();
		enter();
		for (const octet of fromAscii(blockOf(readEnergy))) say(String.fromCharCode(octet | 0x80));
		say(blockOf(password)); // an echo, or somebody who does not wait
		wait(200);
		assert.equal(heard(), hexOf(blockOf(energy)));
		wait(1000);
		assert.equal(heard(), "");
	});

	it("F52: a wrong check is answered with NAK; the third in a row ends the session, a valid message begins the count anew", () => {
		const { enter, ask, port, host } = setUp();
		enter();
		const broken = `${readEnergy}\x03\x5b`;
		assert.equal(ask(broken), nak);
		assert.equal(ask(broken), nak);
		assert.equal(ask(blockOf(readEnergy)), blockOf(energy));
		for (let n = 0; n < 2; n++) {
			assert.equal(ask(broken), nak);
			assert.equal(port.state, "programming");
		}
		assert.equal(ask(broken), nak);
		assert.equal(port.state, "idle");
		assert.equal(host.closes, 1);
	});

	it("F51 F52: half a message is answered with NAK after 1500 ms, a lost check or end as well", () => {
		for (const half of ["\x01", "\x01R1\x021.8", `${readEnergy}\x5a`, `${readEnergy}\x03`]) {
			const { enter, say, wait, heard, ask, port } = setUp();
			enter();
			say(half);
			wait(1499);
			assert.equal(heard(), "");
			wait(1);
			assert.equal(heard(), hexOf(nak), JSON.stringify(half));
			assert.equal(ask(blockOf(readEnergy)), blockOf(energy));
			for (let n = 0; n < 3; n++) {
				say(half);
				wait(1500);
				assert.equal(heard(), hexOf(nak));
			}
			assert.equal(port.state, "idle");
		}
	});

	it("F52: repeats its last answer on NAK, three times, then is idle", () => {
		for (const first of [undefined, blockOf(readEnergy)]) {
			const { enter, ask, port } = setUp();
			const opened = enter();
			const expected = first === undefined ? Buffer.from(opened, "hex").toString("latin1") : ask(first);
			for (let n = 0; n < 3; n++) assert.equal(ask(nak), expected);
			assert.equal(ask(nak), "");
			assert.equal(port.state, "idle");
		}
	});

	it("F52: ends 60 s after the last valid message; what is not valid does not prolong it", () => {
		const { enter, ask, say, wait, heard, port } = setUp();
		enter();
		wait(59_000);
		assert.equal(ask(blockOf(readEnergy)), blockOf(energy));
		wait(59_999);
		assert.equal(port.state, "programming");
		wait(1);
		assert.equal(port.state, "idle");
		enter();
		wait(30_000);
		assert.equal(ask(`${readEnergy}\x03\x00`), nak);
		wait(29_700);
		say("\x01");
		wait(99);
		assert.equal(port.state, "programming");
		wait(1);
		assert.equal(port.state, "idle");
		assert.equal(heard(), "", "without a word");
	});

	it("F52: counts the time of sending on a line, and speaks at the agreed rate from P0 to the end", () => {
		const formats: string[] = [];
		const line = { setFormat: (baud: number, format: string) => void formats.push(`${baud} ${format}`) };
		const { say, wait, enter, port } = setUp({ line });
		enter();
		assert.deepEqual(formats.slice(-1), ["9600 7E1"]);
		// 16 characters of ten bits at 9600 Bd
		wait(60_000 + 16);
		assert.equal(port.state, "programming");
		wait(1);
		assert.equal(port.state, "idle");
		assert.deepEqual(formats.slice(-1), ["300 7E1"]);
		say("/?!\r\n");
		wait(200);
		say("\x06001\r\n");
		formats.length = 0;
		wait(200);
		assert.deepEqual(formats, ["300 7E1"], "a rate below the offered one");
	});

	it("F52: reacts later where octets of a stream come at once, by the rate that was agreed", () => {
		const { say, wait, heard } = setUp({ countsReception: true });
		say("/?!\r\n");
		wait(400);
		say("\x06051\r\n");
		wait(400);
		heard();
		say(blockOf(readEnergy));
		wait(200 + 13); // 13 characters at 9600 Bd take 13.5 ms
		assert.equal(heard(), "");
		wait(1);
		assert.equal(heard(), hexOf(blockOf(energy)));
	});

	it("SEC-opt: says (ERROR) to other addresses and commands, to P2, and to what is not well formed", () => {
		const { enter, ask, host } = setUp();
		enter();
		for (const text of [
			"\x01R1\x021.8.1()",
			"\x01R1\x021.8.0(2)",
			"\x01R1\x021.8.0",
			"\x01R1\x021.8.0)",
			"\x01R1\x02(",
			"\x01R1",
			"\x01R2\x021.8.0()",
			"\x01R5\x021.8.0()",
			"\x01W2\x020.9.1(123456)",
			"\x01W5\x020.9.1(123456)",
			"\x01E2\x02(1)",
			"\x01P2\x02(00000000)",
			"\x01P1\x02x(00000000)",
			"\x01P1",
			"\x01B1",
			"\x01",
			`\x01R1\x02${"1".repeat(60)}()`,
		])
			assert.equal(ask(blockOf(text)), failure, JSON.stringify(text));
		const partial = "\x01R3\x021.8.0()\x04";
		let check = 0;
		for (let n = 1; n < partial.length; n++) check ^= partial.charCodeAt(n);
		assert.equal(ask(partial + String.fromCharCode(check)), failure);
		assert.deepEqual([host.passwords, host.written], [[], []]);
		assert.equal(ask(blockOf(readEnergy)), blockOf(energy), "the session goes on");
	});

	it("F52: answers a refused password or write with (ERROR), and with B0 when it was one too many", () => {
		for (const text of [password, "\x01W1\x020.9.1(123456)"]) {
			const { enter, ask, host, port } = setUp();
			enter();
			host.outcome = programmingOutcome.refused;
			assert.equal(ask(blockOf(text)), failure);
			host.outcome = programmingOutcome.over;
			assert.equal(ask(blockOf(text)), signOff);
			assert.equal(port.state, "idle");
			assert.equal(host.closes, 1);
		}
	});

	it("SEC-lock: ends with B0 when the port is closed meanwhile", () => {
		const { enter, ask, host, port } = setUp();
		enter();
		host.isRefused = true;
		assert.equal(ask(blockOf(readEnergy)), signOff);
		assert.equal(port.state, "idle");
	});

	it("tells the meter of the end once when the link goes", () => {
		const { enter, host, port } = setUp();
		enter();
		port.close();
		port.close();
		assert.equal(host.closes, 1);
	});

	it("survives noise within a session, and serves afterwards (G8, SEC-optical, SEC-mem)", () => {
		const random = seededRandom(5);
		const favourites = [...fromAscii("\x01\x02\x03\x04\x06\x15()P1R1W1B0.980*"), 0x7e];
		const { enter, say, wait, heard, ask, port, host } = setUp();
		host.outcome = programmingOutcome.refused;
		for (let run = 0; run < 300; run++) {
			enter();
			for (let n = 0; n < 6; n++) {
				say(String.fromCharCode(...randomOctets(random, Math.floor(random() * 90), favourites)));
				wait(Math.floor(random() * 2500));
			}
			wait(61_000);
			assert.equal(port.state, "idle");
			assert.equal(host.closes, run + 1);
		}
		heard();
		enter();
		assert.equal(ask(blockOf(readEnergy)), blockOf(energy));
	});
});
