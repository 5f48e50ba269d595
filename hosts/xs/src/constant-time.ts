// SPDX-License-Identifier: Apache-2.0
import { areEqual, isSecret } from "../../../src/core/equal-octets.js";
import { Writer } from "../../../src/cosem/codec/writer.js";
import { portField, protectionMode } from "../../../src/cosem/security/port-protection.js";
import { OpticalPort } from "../../../src/iec62056-21/optical-port.js";
import { portText } from "../../../src/iec62056-21/stored-local-port-setup.js";
import type { Meter } from "../../../src/main.js";
import { engineMeter, SteppedClock } from "./support/engine-meter.js";
import { changedAt, checkAlike, costs } from "./support/same-cost.js";
import { SilentBus } from "./support/silent-bus.js";

const technicianSap = 3;
const managementLogicalDevice = 1;

function ascii(text: string): Uint8Array {
	return Uint8Array.from({ length: text.length }, (_, n) => text.charCodeAt(n));
}

function fromHex(text: string): Uint8Array {
	return Uint8Array.from({ length: text.length / 2 }, (_, n) => Number.parseInt(text.slice(2 * n, 2 * n + 2), 16));
}

const password = ascii("31415926");
/** Each octet of it that can be the first wrong one. */
const places: readonly number[] = Object.freeze([0, 1, 2, 3, 4, 5, 6, 7]);

function testComparisons(): void {
	for (const length of [8, 12, 20, 32, 64]) {
		const octets = Uint8Array.from({ length }, (_, n) => (n * 37 + 11) & 255);
		const all = Array.from({ length: length + 1 }, (_, n) => changedAt(octets, n - 1));
		const alike = costs(all, (other) => void areEqual(other, octets));
		checkAlike(`SEC-ct: octets are compared in the same time wherever they differ, ${length} of them`, alike);
		check(`${length} octets are told apart`, all.filter((other) => areEqual(other, octets)).length === 1);
	}
	const secrets = Array.from({ length: 33 }, (_, length) => new Uint8Array(length).fill(0x31));
	checkAlike(
		"SEC-ct: a secret is compared in the same time whatever its length",
		costs(secrets, (secret) => void isSecret(password, secret)),
	);
}

/** Meter whose failures at the optical port have no other cost than the answer: no delay, and no event. */
function openMeter(clock: SteppedClock): Meter {
	const meter = engineMeter(clock, new SilentBus(), undefined, true, {
		mechanisms: { technician: 1 },
		password,
		policy: 0,
		allowsProgramming: true,
	});
	const { fraud, opticalPort, portProtection } = meter.application;
	opticalPort.changeText(portText.passwordP1, password);
	portProtection.change("optical", portField.mode, protectionMode.unlocked);
	portProtection.change("optical", portField.allowedFailedAttempts, 100);
	fraud.parameters.setFailuresBeforeLock(100);
	return meter;
}

/** AARQ of the technician with a password, InitiateRequest in plain. */
function aarqWith(offered: Uint8Array): Uint8Array {
	const head = "6041a109060760857405080103a60a04084d4d4d0000bc614e8a0207808b0760857405080201ac0a8008";
	const tail = "be10040e01000000065f1f0400001214ffff";
	const octets = new Uint8Array(head.length / 2 + offered.length + tail.length / 2);
	octets.set(fromHex(head));
	octets.set(offered, head.length / 2);
	octets.set(fromHex(tail), head.length / 2 + offered.length);
	octets[1] = octets.length - 2;
	return octets;
}

function testLowLevelSecurity({ server, application }: Meter): void {
	const link = server.open({ port: "optical", name: "engine" });
	const answer = new Writer(200);
	const results: number[] = [];
	const ask = (aarq: Uint8Array): void => {
		server.handle(link, technicianSap, managementLogicalDevice, aarq.slice(), 0, aarq.length, answer);
		// association-result behind the context name
		results.push(answer.bytes[17]!);
	};
	const wrong = places.map((place) => aarqWith(changedAt(password, place)));
	checkAlike(
		"SEC-ct: a wrong password of an association costs the same wherever it begins to differ",
		costs(wrong, ask),
	);
	check(
		"they are refused",
		results.every((result) => result === 1),
	);
	ask(aarqWith(password));
	check("the right one is taken", results[results.length - 1] === 0);
	server.close(link);
	application.portProtection.commit();
}

/** SOH P1 STX (password) ETX and check. */
function commandWith(offered: Uint8Array): Uint8Array {
	const octets = new Uint8Array(8 + offered.length);
	octets.set(ascii("\x01P1\x02("));
	octets.set(offered, 5);
	octets.set([0x29, 3], 5 + offered.length);
	let check_ = 0;
	for (let n = 1; n < octets.length - 1; n++) check_ ^= octets[n]!;
	octets[octets.length - 1] = check_;
	return octets;
}

function testProgramming(meter: Meter, clock: SteppedClock): void {
	const { server, application } = meter;
	const heard: number[] = [];
	const sink = { send: (bytes: Uint8Array) => void heard.push(bytes[0]!), disconnect: () => undefined };
	const port = new OpticalPort(
		sink,
		server,
		{ port: "optical", name: "engine" },
		{
			setup: application.opticalPort,
			hdlcSetup: application.opticalHdlc,
			hdlc: { maximumApdu: 256, maximumInformation: 128, connections: 1 },
			manufacturer: "SXF",
			identification: "ST402D",
			serialNumber: application.identity.serialNumber,
			readout: meter.createReadout(),
		},
	);
	const say = (octets: Uint8Array): void => {
		port.receive(octets, clock.now_ms);
		clock.now_ms += 200;
		port.advance(clock.now_ms);
	};
	say(ascii("/?!\r\n"));
	say(ascii("\x06051\r\n"));
	const wrong = places.map((place) => commandWith(changedAt(password, place)));
	checkAlike(
		"SEC-ct: a wrong password of programming mode costs the same wherever it begins to differ",
		costs(wrong, say),
	);
	say(commandWith(password));
	// identification, P0, errors, acknowledgement
	check("they are refused, and the right one is taken", heard.join() === `47,1,${"2,".repeat(places.length + 1)}6`);
	port.close();
}

/** Byte codes that comparing takes, alone and in answers of the whole meter: each is the same for every wrong octet (SEC-ct). */
export default function run(): void {
	testComparisons();
	const clock = new SteppedClock();
	const meter = openMeter(clock);
	testLowLevelSecurity(meter);
	testProgramming(meter, clock);
}
