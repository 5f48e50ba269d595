// SPDX-License-Identifier: Apache-2.0

import {
	type Draw,
	FuzzMessages,
	generator,
	kindOfAnswer,
	mutate,
} from "../../../hosts/xs/src/support/fuzz-messages.js";
import { HdlcSession } from "../../../src/cosem/hdlc/hdlc-session.js";
import { defaultHdlcSetup } from "../../../src/cosem/hdlc/hdlc-setup.js";
import { portField, protectionMode } from "../../../src/cosem/security/port-protection.js";
import { WrapperDatagram } from "../../../src/cosem/wrapper/wrapper-datagram.js";
import { WrapperSession } from "../../../src/cosem/wrapper/wrapper-session.js";
import { defaultLocalPortSetup } from "../../../src/iec62056-21/local-port-setup.js";
import { OpticalPort } from "../../../src/iec62056-21/optical-port.js";
import { portText } from "../../../src/iec62056-21/stored-local-port-setup.js";
import type { LinkSession } from "../../../src/ports/link.js";
import { fakeMeter, keysOf } from "../../cosem/support/fake-application.js";
import { TestClient } from "../../cosem/support/test-client.js";
import { MeterBench } from "../../events/meter-bench.js";
import { fromAscii, toAscii } from "../client/bytes.js";
import { fromHex, toHex } from "../fake-apdu-handler.js";
import { blockOf } from "../optical-head.js";
import { type Attack, datagramAttack, getClock, hdlcAttack, opticalAttack, wrapperAttack } from "./attacks.js";
import { GenuineClient } from "./genuine-client.js";
import { RightsJudge } from "./rights-judge.js";

export interface FuzzReport {
	readonly count: number;
	/** What went wrong, with the octets that did it; empty when all is well. */
	readonly failures: string[];
	/** Longest time that one message took. */
	readonly slowest_ms: number;
	/** Octets by which the heap has grown between the first tenth and the end; undefined without a way to collect garbage. */
	readonly growth: number | undefined;
	/** How often each kind of answer came, over each way in: "wrapper: get-response 1". */
	readonly kinds: ReadonlyMap<string, number>;
	/** Messages of the ways in that answer by themselves (wrapper and ciphered) that ended as an unknown tag, of all of them. */
	readonly unknown: number;
}

const longestMessage_ms = 1000;
const probePeriod = 500;
/** After so many, on average, it is the turn of a new meter of the next suite. */
const genuineMessages = 300;
/** Real time does not pass; locks and time-outs must. */
const step_ms = 20;

/** Of programming mode. */
const programmingPassword = "31415926";

/** A link to the whole meter, as the public client uses it. */
interface Target extends Attack {
	open(): LinkSession;
	/** What the meter has sent since the last call. */
	take(): Uint8Array;
}

/**
 * Sends `count` hostile messages: to the whole meter over wrapper, HDLC, datagrams and the optical port in its text modes, and
 * inside genuine protection of all suites, with general-ciphering and general-signing among it, to the server; and to whole meters
 * under keys that were agreed on and signatures that are right.
 * Looks for exceptions, errors in the log, messages that take too long, answers that the access tables do not allow, growth, and
 * a meter that does not answer a valid request afterwards.
 */
export class Fuzzer {
	readonly #draw: Draw;
	readonly #messages: FuzzMessages;
	readonly #kinds = new Map<string, number>();
	#judged = 0;
	#unknown = 0;
	#rights!: RightsJudge;
	readonly #failures: string[] = [];
	#slowest_ms = 0;
	#now_ms = 0;
	#suite = 0;
	#genuineSuite = 0;
	#genuine: GenuineClient | undefined;

	constructor(seed: number) {
		this.#draw = generator(seed);
		this.#messages = new FuzzMessages(this.#draw);
	}

	run(count: number): FuzzReport {
		const bench = new MeterBench({ allowsProgramming: true });
		bench.run(5);
		this.#now_ms = bench.simulated.monotonic_ms();
		this.#rights = new RightsJudge(bench.simulated.meter.application.directory);
		const targets = [
			this.#wrapper(bench),
			this.#hdlc(bench),
			this.#optical(bench),
			this.#datagram(bench),
			this.#programming(bench),
		];
		const ways = targets.length + 2; // the wrapper twice as often
		const sessions = targets.map((target) => target.open());
		let ciphered = this.#ciphered(1);
		let heap = 0;
		for (let n = 0; n < count; n++) {
			if (n === Math.floor(count / 10)) {
				this.#genuine = undefined; // a meter more or less is no growth
				heap = heapUsed();
			}
			if (n % ways >= targets.length) {
				if (n % 2 !== 0) this.#send(targets[0]!, sessions[0]!);
				else if (this.#draw(2) === 0) this.#sendGenuine();
				else if (!this.#sendCiphered(ciphered)) ciphered = this.#ciphered(n);
			} else {
				const at = n % ways;
				this.#send(targets[at]!, sessions[at]!);
				if (sessions[at]!.nextDeadline_ms === Infinity || this.#draw(50) === 0) {
					sessions[at]!.close();
					sessions[at] = targets[at]!.open();
					for (const unit of targets[at]!.greeting) sessions[at]!.receive(unit, this.#now_ms);
					targets[at]!.take();
				}
			}
			if (n % probePeriod === probePeriod - 1) {
				for (const target of targets) this.#probe(target, bench);
				this.#probeGenuine();
			}
			if (this.#failures.length > 20) break;
		}
		for (const session of sessions) session.close();
		this.#genuine = undefined;
		const end = heapUsed();
		const growth = end === 0 ? undefined : Math.max(end - heap, 0);
		const unknown = this.#judged === 0 ? 0 : this.#unknown / this.#judged;
		return { count, failures: this.#failures, slowest_ms: this.#slowest_ms, growth, kinds: this.#kinds, unknown };
	}

	/** Counts an answer of which the APDU is known. */
	#judge(way: string, answer: Uint8Array): void {
		const kind = kindOfAnswer(answer);
		this.#count(`${way}: ${kind}`);
		this.#judged++;
		if (kind === "exception 2/2") this.#unknown++;
	}

	#count(name: string): void {
		this.#kinds.set(name, (this.#kinds.get(name) ?? 0) + 1);
	}

	/** In time of the processor: other work of the machine must not look like a hang. */
	#timed(octets: Uint8Array, what: string, work: () => void): void {
		const begin = process.cpuUsage();
		try {
			work();
		} catch (error) {
			const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
			this.#failures.push(`${what} ${toHex(octets)}: ${text}`);
		}
		const { user, system } = process.cpuUsage(begin);
		const took_ms = (user + system) / 1000;
		this.#slowest_ms = Math.max(this.#slowest_ms, took_ms);
		if (took_ms > longestMessage_ms) this.#failures.push(`${what} ${toHex(octets)}: ${took_ms.toFixed(0)} ms`);
	}

	#send(target: Target, session: LinkSession): void {
		const apdu = this.#messages.next();
		const octets = target.dress(apdu, this.#draw);
		this.#now_ms += step_ms;
		this.#timed(octets, target.name, () => {
			session.receive(octets.slice(), this.#now_ms);
			session.advance(this.#now_ms + step_ms);
		});
		const sent = target.take();
		const own = target.apduIn?.(sent);
		if (own !== undefined) this.#judge(target.name, own);
		// an association or a connection that is gone lets nothing further in
		const kind = own === undefined ? "" : kindOfAnswer(own);
		if (kind === "exception 1/1" || (kind === "silence" && target.name === "HDLC" && this.#draw(2) === 0)) {
			for (const unit of target.greeting) session.receive(unit, this.#now_ms);
			target.take();
		}
		const finding = this.#rights.judge(target, apdu, octets, sent);
		if (finding !== undefined) this.#failures.push(finding);
	}

	/** A valid client is served, whatever happened before. */
	#probe(target: Target, bench: MeterBench): void {
		this.#now_ms += 1_000_000; // locks are over
		bench.run(1);
		const session = target.open();
		for (const unit of target.greeting) session.receive(unit, this.#now_ms);
		target.take();
		const request = target.probe ?? target.dress(getClock, () => 1);
		session.receive(request, this.#now_ms);
		this.#now_ms += 1000;
		session.advance(this.#now_ms); // the optical port takes its time
		if (!target.hasAnswer(target.take())) this.#failures.push(`${target.name}: no answer to a valid request`);
		session.close();
	}

	#wrapper(bench: MeterBench): Target {
		const sent: number[] = [];
		const sink = { send: (bytes: Uint8Array) => void sent.push(...bytes), disconnect: () => undefined };
		const setup = { simultaneousConnections: 64, inactivityTimeout_s: 120 };
		const options = { maximumApdu: 4096 };
		return {
			...wrapperAttack(),
			open: () => {
				const info = { port: "tcp" as const, name: "fuzz" };
				return new WrapperSession(sink, bench.simulated.handler, info, setup, options, this.#now_ms);
			},
			take: () => Uint8Array.from(sent.splice(0)),
		};
	}

	#hdlc(bench: MeterBench): Target {
		const sent: number[] = [];
		const sink = { send: (bytes: Uint8Array) => void sent.push(...bytes), disconnect: () => undefined };
		const attack = hdlcAttack();
		const options = { maximumApdu: 4096, maximumInformation: 512, connections: 2 };
		return {
			...attack,
			open: () =>
				new HdlcSession(sink, bench.simulated.handler, { port: "optical", name: "fuzz" }, defaultHdlcSetup(1), options),
			take: () => {
				const octets = Uint8Array.from(sent.splice(0));
				attack.observe?.(octets);
				return octets;
			},
		};
	}

	/** The optical port before and between the modes: sign-on, acknowledgements, programming commands, frames, light. */
	#optical(bench: MeterBench): Target {
		const sent: number[] = [];
		const sink = { send: (bytes: Uint8Array) => void sent.push(...bytes), disconnect: () => undefined };
		return {
			...opticalAttack(),
			open: () =>
				new OpticalPort(
					sink,
					bench.simulated.handler,
					{ port: "optical", name: "fuzz" },
					{
						setup: defaultLocalPortSetup(),
						hdlcSetup: defaultHdlcSetup(1),
						hdlc: { maximumApdu: 300, maximumInformation: 128, connections: 2, minimumInterOctetTimeout_ms: 10_000 },
						manufacturer: "SXF",
						identification: "ST402D",
						serialNumber: fromAscii("12345678"),
					},
				),
			take: () => Uint8Array.from(sent.splice(0)),
		};
	}

	/**
	 * Sessions in programming mode, with the right password or without it, commands whole and damaged. Who has not the password
	 * is told nothing, and who has it moves nothing but the clock.
	 */
	#programming(bench: MeterBench): Target {
		const { application } = bench.simulated.meter;
		let knowsPassword = false;
		application.opticalPort.changeText(portText.passwordP1, fromAscii(programmingPassword));
		// no delays, or hardly a password would be looked at
		application.portProtection.change("optical", portField.mode, protectionMode.unlocked);
		const sent: number[] = [];
		const sink = { send: (bytes: Uint8Array) => void sent.push(...bytes), disconnect: () => undefined };
		const fields = [
			"1.8.0()",
			"0-0:96.1.0()",
			"32.7.0()",
			"0.9.1(120000)",
			"0.9.2(260101)",
			"0-0:1.0.0(260101120000)",
			"",
		];
		const wrong = ["00000000", "27182818", "2718281828", "271", ""];
		const signOn = "/?!\r\n";
		let port: OpticalPort | undefined;
		const command = (draw: Draw): string => {
			const password = knowsPassword && draw(4) !== 0 ? programmingPassword : wrong[draw(wrong.length)]!;
			if (draw(4) === 0) return blockOf(`\x01P${draw(8) === 0 ? 2 : 1}\x02(${password})`);
			if (draw(12) === 0) return ["\x15", "\x06", blockOf("\x01B0"), blockOf("\x01E2\x02(1)")][draw(4)]!;
			return blockOf(`\x01${"RWRWX"[draw(5)]!}${1 + (draw(4) === 0 ? draw(5) : 0)}\x02${fields[draw(fields.length)]!}`);
		};
		return {
			name: "programming",
			open: () => {
				const before = { port, knowsPassword };
				knowsPassword = this.#draw(3) !== 0;
				const opened = new OpticalPort(
					sink,
					bench.simulated.handler,
					{ port: "optical", name: "fuzz" },
					{
						setup: application.opticalPort,
						hdlcSetup: defaultHdlcSetup(1),
						hdlc: { maximumApdu: 300, maximumInformation: 128, connections: 2 },
						manufacturer: "SXF",
						identification: "ST402D",
						serialNumber: application.identity.serialNumber,
						readout: bench.simulated.createReadout(),
						timings: { fastReaction_ms: 0, reaction_ms: 0, acknowledgement_ms: 2000, gap_ms: 1500 },
					},
				);
				port = opened;
				return {
					receive: (bytes: Uint8Array, now_ms: number) => opened.receive(bytes, now_ms),
					advance: (now_ms: number) => opened.advance(now_ms),
					get nextDeadline_ms() {
						return opened.nextDeadline_ms;
					},
					// a probe comes and goes beside the session
					close: () => {
						opened.close();
						({ port, knowsPassword } = before);
					},
				};
			},
			take: () => {
				const octets = Uint8Array.from(sent.splice(0));
				const text = toAscii(octets);
				const kind = kindOfProgramming(text);
				this.#count(`programming${knowsPassword ? "" : " without password"}: ${kind}`);
				if (!knowsPassword && kind === "data set") this.#failures.push(`without password: ${JSON.stringify(text)}`);
				return octets;
			},
			dress: (apdu, draw) => {
				if (port!.state === "idle") return fromAscii(signOn);
				if (port!.state === "identified") return fromAscii("\x06051\r\n");
				const octets = draw(8) === 0 ? apdu.slice(0, 100) : fromAscii(command(draw));
				return draw(4) === 0 ? mutate(octets, draw) : octets;
			},
			probe: fromAscii(signOn),
			greeting: [],
			hasAnswer: (octets) => toAscii(octets).startsWith("/SXF"),
		};
	}

	/** Datagrams, which nothing ever answers. */
	#datagram(bench: MeterBench): Target {
		return {
			...datagramAttack(),
			open: () => {
				const session = new WrapperDatagram(bench.simulated.handler, { port: "udp", name: "fuzz" });
				return {
					receive: (bytes: Uint8Array) => session.receive(bytes),
					advance: () => undefined,
					nextDeadline_ms: 0, // open
					close: () => session.close(),
				} as LinkSession;
			},
			take: () => new Uint8Array(0),
		};
	}

	/** To a meter of its own, whose associations are opened anew when they are over; the suites in turn. */
	#sendGenuine(): void {
		this.#genuine ??= this.#openGenuine();
		const client = this.#genuine;
		const plain = this.#messages.nextPlain();
		if (plain.length === 0) return;
		const octets = client.dress(plain);
		const way = `genuine, suite ${client.suite}`;
		let answer: Uint8Array = new Uint8Array(0);
		this.#timed(octets, `${way}, ${toHex(plain)} in`, () => {
			answer = client.ask(octets);
		});
		this.#failures.push(...client.log.splice(0).map((line) => `${way} ${toHex(octets)}: ${line}`));
		this.#judge(way, answer);
		if (kindOfAnswer(answer) === "exception 1/1" && !client.open()) this.#failures.push(`${way}: not let in again`);
		if (this.#draw(genuineMessages) === 0) this.#genuine = undefined;
	}

	#openGenuine(): GenuineClient {
		this.#genuineSuite = (this.#genuineSuite + 1) % 3;
		const client = new GenuineClient(this.#genuineSuite as 0 | 1 | 2, this.#draw);
		if (!client.open()) this.#failures.push("genuine: a new meter takes nobody");
		if (!client.soften() || !client.isServed()) this.#failures.push("genuine: a new meter serves nobody");
		return client;
	}

	/** The client that has sent it all is served, in a new association where it has ended the old one. */
	#probeGenuine(): void {
		const client = this.#genuine;
		if (client === undefined) return;
		this.#timed(new Uint8Array(0), "genuine probe", () => {
			if (client.isServed() || (client.open() && client.isServed())) return;
			this.#failures.push(`genuine, suite ${client.suite}: no answer to a valid request`);
		});
	}

	/** In the suites in turn. */
	#ciphered(first: number): TestClient {
		const suite = this.#suite++ % 3;
		const client = new TestClient(fakeMeter({ suite }).server, 1);
		const keys = keysOf(suite);
		client.control = 0x30 + suite;
		client.encryptionKey = keys.globalUnicastEncryptionKey;
		client.authenticationKey = keys.authenticationKey;
		client.counter = first;
		return client.connect();
	}

	/** False when the association is over. */
	#sendCiphered(client: TestClient): boolean {
		const draw = this.#draw;
		const content = this.#messages.nextPlain();
		if (content.length === 0) return true;
		const isSigned = draw(8) === 0;
		const signature = Uint8Array.from({ length: [0, 63, 64, 96][draw(4)]! }, () => draw(256));
		const plain = isSigned ? client.sign(draw(4) === 0 ? mutate(content, draw) : content, signature) : content;
		client.form = (["general", "generalCiphering", "global"] as const)[draw(isSigned ? 2 : 3)]!;
		const octets = draw(20) === 0 ? mutate(client.protect(plain), draw) : client.protect(plain);
		let answer = "";
		this.#timed(octets, "ciphered", () => {
			answer = client.send(octets);
		});
		const isOpen = answer === "" || answer.startsWith("d8") || answer.startsWith("e0");
		this.#judge("ciphered", fromHex(isOpen ? answer : client.unprotect(answer).plain));
		return !answer.startsWith("d80101") && draw(400) !== 0;
	}
}

/** What an answer of the optical port means to a session in programming mode. */
function kindOfProgramming(text: string): string {
	if (text === "") return "silence";
	if (text === "\x06") return "acknowledged";
	if (text === "\x15") return "not acknowledged";
	if (text.startsWith("\x02(ERROR)")) return "error";
	if (text.startsWith("\x01")) return text.startsWith("\x01B0") ? "over" : "begun";
	return text.startsWith("\x02") && !text.includes("!\r\n") ? "data set" : "other";
}

/** Octets in use after a collection of garbage; 0 where none can be asked for. */
function heapUsed(): number {
	if (globalThis.gc === undefined) return 0;
	globalThis.gc();
	return process.memoryUsage().heapUsed;
}
