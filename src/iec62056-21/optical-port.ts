// SPDX-License-Identifier: Apache-2.0
import type { ApduHandler, LinkInfo } from "../cosem/apdu-handler.js";
import { HdlcSession } from "../cosem/hdlc/hdlc-session.js";
import type { LinkSession, LinkSink } from "../ports/link.js";
import { character, characterMask } from "./characters.js";
import { DataReadout, type ReadoutSupplier } from "./data-readout.js";
import { baudRates, characterTime_ms, defaultMode } from "./local-port-setup.js";
import {
	breakSize,
	identificationSize,
	isRequestFor,
	longestMessage,
	optionDigit,
	putBreak,
	putIdentification,
	putOptionSelect,
} from "./messages.js";
import { type OpticalPortOptions, type OpticalTimings, opticalTimings } from "./optical-port-options.js";
import { ProgrammingSession, programmingInactivity_ms } from "./programming-session.js";

type State =
	| "idle" // waits for a request message, or for a frame
	| "identifying" // reaction time before the identification message
	| "identified" // waits for the acknowledgement
	| "confirming" // reaction time before the confirmation of mode E
	| "opening" // reaction time before programming mode, or its refusal
	| "programming" // waits for a command
	| "replying" // reaction time before the reply to a command
	| "reading" // reaction time before the data readout
	| "read" // readout sent; it may be asked for again
	| "hdlc";

/** Repetitions of a data readout that may be asked for. */
const maximumRepetitions = 3;

/** Return from HDLC where the setup knows no inactivity time-out: the port must not be lost for ever. */
const fallbackInactivity_s = 120;

/**
 * The optical port (IEC 62056-21): sign-on, data readout and programming mode of mode C, mode E to HDLC, and HDLC directly.
 *
 * An idle port takes `/` as the begin of a request message and a flag as that of a frame, because the rate at which
 * they came may be invisible. Nothing is answered to another address, to noise or to half a message. While the device
 * has something to say it does not listen, as many optical heads echo.
 */
export class OpticalPort implements LinkSession {
	readonly #sink: LinkSink;
	readonly #options: OpticalPortOptions;
	readonly #timings: OpticalTimings;
	readonly #hdlc: HdlcSession;
	readonly #readout: DataReadout;
	readonly #message = new Uint8Array(longestMessage);
	readonly #tx = new Uint8Array(identificationSize);
	#length = 0;
	#state: State = "idle";
	#deadline_ms = Infinity;
	#lastOctet_ms = 0;
	#now_ms = 0;
	/** Agreed rate, baud enumeration. */
	#rate = 0;
	#repetitions = 0;
	/** While in programming mode. */
	#session: ProgrammingSession | undefined;
	#isClosed = false;

	constructor(sink: LinkSink, handler: ApduHandler, info: LinkInfo, options: OpticalPortOptions) {
		if (options.manufacturer.length !== 3) throw new RangeError("manufacturer has three letters");
		if (options.identification.length > 16) throw new RangeError("identification has at most 16 characters");
		this.#sink = sink;
		this.#options = options;
		this.#timings = options.timings ?? opticalTimings;
		this.#readout = new DataReadout(sink);
		this.#hdlc = new HdlcSession(sink, handler, info, options.hdlcSetup, {
			...options.hdlc,
			fallbackInactivity_s,
			onDisconnected: () => {
				if (this.#state === "hdlc") this.return();
			},
		});
		this.setOpeningFormat();
	}

	get state(): State {
		return this.#state;
	}

	receive(bytes: Uint8Array, now_ms: number): void {
		if (this.#isClosed) return;
		this.advance(now_ms);
		for (let n = 0; n < bytes.length; n++) {
			if (this.#state === "hdlc" || !this.hasSignOn()) {
				this.#hdlc.receivePart(bytes, n, bytes.length, now_ms);
				break;
			}
			if (this.#state === "idle" && this.#hdlc.isFrameOctet(bytes[n]!)) {
				this.#length = 0;
				this.#hdlc.receivePart(bytes, n, n + 1, now_ms);
				if (this.#hdlc.isConnected) this.enterHdlc();
			} else if (this.#state === "idle" || this.#state === "identified" || this.#state === "read") {
				this.takeCharacter(bytes[n]! & characterMask, now_ms);
			} else if (this.#state === "programming") this.takeCommand(bytes[n]! & characterMask);
		}
	}

	advance(now_ms: number): void {
		if (this.#isClosed) return;
		this.#now_ms = now_ms;
		this.#hdlc.advance(now_ms);
		if (this.#state === "idle" && this.hasSignOn() && this.#hdlc.isConnected) this.enterHdlc();
		if (now_ms >= this.stateDeadline_ms()) this.expire();
	}

	get nextDeadline_ms(): number {
		return this.#isClosed ? Infinity : Math.min(this.stateDeadline_ms(), this.#hdlc.nextDeadline_ms);
	}

	close(): void {
		this.#isClosed = true;
		this.leaveProgramming();
		this.#hdlc.close();
	}

	private hasSignOn(): boolean {
		return this.#options.setup.defaultMode === defaultMode.iec62056_21;
	}

	/** With a client connected the HDLC session watches over inactivity itself. */
	private stateDeadline_ms(): number {
		return this.#state === "hdlc" && this.#hdlc.isConnected ? Infinity : this.#deadline_ms;
	}

	private takeCharacter(octet: number, now_ms: number): void {
		if (now_ms - this.#lastOctet_ms > this.#timings.gap_ms) this.#length = 0;
		this.#lastOctet_ms = now_ms;
		if (octet === character.nul) return; // wake-up message
		if (this.#state === "read" && this.takeReadoutReply(octet)) return;
		const isStart =
			octet === character.slash ||
			(this.#state === "identified" && (octet === character.acknowledge || octet === character.startOfHeader));
		if (isStart) this.#length = 0;
		else if (this.#length === 0) return;
		if (this.#length === this.#message.length) {
			this.#length = 0;
			return;
		}
		this.#message[this.#length++] = octet;
		if (octet === character.lineFeed) this.takeMessage();
		else if (this.#length === breakSize && this.isBreak()) this.return();
	}

	private takeMessage(): void {
		const length = this.#length;
		this.#length = 0;
		const { setup, serialNumber } = this.#options;
		const address = setup.deviceAddress.length > 0 ? setup.deviceAddress : serialNumber;
		if (isRequestFor(this.#message, length, address)) this.react("identifying", length);
		else if (this.#state === "identified") this.takeOptionSelect(length);
	}

	/** Options that do not exist are as good as no acknowledgement. */
	private takeOptionSelect(length: number): void {
		const protocol = optionDigit(this.#message, length, 0);
		const rate = optionDigit(this.#message, length, 1);
		const mode = optionDigit(this.#message, length, 2);
		if (rate < 0 || rate > this.offeredRate()) return;
		this.#rate = rate;
		if (protocol === 2 && mode === 2) this.react("confirming", length);
		else if (protocol === 0 && mode === 1) this.react("opening", length);
		else if (protocol === 0 && mode === 0) {
			this.#repetitions = 0;
			if (this.#options.readout === undefined) this.return();
			else this.react("reading", length);
		}
	}

	private takeReadoutReply(octet: number): boolean {
		if (octet === character.acknowledge) this.return();
		else if (octet === character.negativeAcknowledge) {
			if (this.#repetitions++ < maximumRepetitions) this.react("reading", 0);
			else this.return();
		} else return false;
		return true;
	}

	private isBreak(): boolean {
		if (this.#message[0] !== character.startOfHeader) return false;
		const size = putBreak(this.#tx);
		for (let n = 0; n < size; n++) if (this.#message[n] !== this.#tx[n]) return false;
		return true;
	}

	/** @param length characters of the message, which came at `rate`, unless given at the opening rate */
	private react(next: State, length: number, rate = this.#options.setup.defaultBaud): void {
		const { fastReaction_ms, reaction_ms } = this.#timings;
		const { setup, countsReception } = this.#options;
		const reception_ms = countsReception === true ? characterTime_ms(length, rate) : 0;
		this.#state = next;
		this.#length = 0;
		this.#deadline_ms = this.#now_ms + reception_ms + (setup.responseTime === 0 ? fastReaction_ms : reaction_ms);
	}

	private expire(): void {
		switch (this.#state) {
			case "identifying":
				this.identify();
				break;
			case "identified": // fall-back of mode A: readout at the opening rate
				this.#rate = this.#options.setup.defaultBaud;
				this.#repetitions = 0;
				if (this.#options.readout === undefined) this.return();
				else this.read(this.#options.readout);
				break;
			case "confirming":
				this.confirm();
				break;
			case "opening":
				this.openProgramming();
				break;
			case "programming":
				// half a message, or none for too long
				if (this.#session?.isHalf === true && this.#now_ms < this.#session.inactiveAt_ms) this.reply();
				else this.return();
				break;
			case "replying":
				this.reply();
				break;
			case "reading":
				if (this.#options.readout !== undefined) this.read(this.#options.readout);
				break;
			default:
				this.return();
		}
	}

	private identify(): void {
		const { setup, manufacturer, identification } = this.#options;
		this.setOpeningFormat();
		const size = putIdentification(
			manufacturer,
			setup.responseTime === 0,
			this.offeredRate(),
			identification,
			this.#tx,
		);
		this.send(size);
		this.#state = "identified";
		this.#deadline_ms = this.#now_ms + this.duration_ms(size, setup.defaultBaud) + this.#timings.acknowledgement_ms;
	}

	private confirm(): void {
		if (!this.#options.confirmsAtOpeningRate) this.setFormat(this.#rate, "7E1");
		this.send(putOptionSelect(2, this.#rate, 2, this.#tx));
		this.setFormat(this.#rate, "8N1");
		this.enterHdlc();
	}

	private read(supplier: ReadoutSupplier): void {
		this.setFormat(this.#rate, "7E1");
		const size = this.#readout.send(supplier);
		this.#state = "read";
		this.#deadline_ms = this.#now_ms + this.duration_ms(size, this.#rate) + this.#timings.gap_ms;
	}

	private openProgramming(): void {
		const { readout, serialNumber } = this.#options;
		this.setFormat(this.#rate, "7E1");
		const host = readout?.openProgramming?.();
		if (host === undefined) {
			this.send(putBreak(this.#tx));
			this.return();
			return;
		}
		this.#session = new ProgrammingSession(host);
		this.awaitCommand(this.#session, this.#session.begin(serialNumber));
	}

	private takeCommand(octet: number): void {
		const session = this.#session;
		if (session?.take(octet) === true) {
			if (session.isBreak) this.return();
			else this.react("replying", session.length, this.#rate);
		} else if (session?.isHalf === true)
			this.#deadline_ms = Math.min(session.inactiveAt_ms, this.#now_ms + this.#timings.gap_ms);
	}

	private reply(): void {
		const session = this.#session;
		if (session === undefined) return;
		const reply = session.reply();
		if (!session.isOver) {
			this.awaitCommand(session, reply);
			return;
		}
		if (reply.length > 0) this.#sink.send(reply);
		this.return();
	}

	/** Sends what is said last before the next command. */
	private awaitCommand(session: ProgrammingSession, reply: Uint8Array): void {
		this.#sink.send(reply);
		this.#state = "programming";
		const sent_ms = this.#now_ms + this.duration_ms(reply.length, this.#rate);
		if (session.isHeard) session.inactiveAt_ms = sent_ms + programmingInactivity_ms;
		this.#deadline_ms = Math.max(session.inactiveAt_ms, sent_ms);
	}

	private leaveProgramming(): void {
		this.#session?.close();
		this.#session = undefined;
	}

	private enterHdlc(): void {
		const { inactivityTimeout_s } = this.#options.hdlcSetup;
		this.#state = "hdlc";
		this.#deadline_ms = this.#now_ms + 1000 * (inactivityTimeout_s > 0 ? inactivityTimeout_s : fallbackInactivity_s);
	}

	/** Idle again at the opening rate. */
	private return(): void {
		this.#state = "idle";
		this.#length = 0;
		this.#deadline_ms = Infinity;
		this.leaveProgramming();
		this.#hdlc.reset();
		this.setOpeningFormat();
	}

	private offeredRate(): number {
		return Math.min(this.#options.setup.proposedBaud, 6);
	}

	private setOpeningFormat(): void {
		const { setup, hdlcSetup } = this.#options;
		// without sign-on nothing but default_mode counts of class 19
		if (this.hasSignOn()) this.setFormat(setup.defaultBaud, "7E1");
		else this.setFormat(hdlcSetup.commSpeed, "8N1");
	}

	private setFormat(rate: number, format: "7E1" | "8N1"): void {
		this.#options.line?.setFormat(baudRates[rate]!, format);
	}

	private send(size: number): void {
		this.#sink.send(this.#tx.subarray(0, size));
	}

	private duration_ms(characters: number, rate: number): number {
		return this.#options.line === undefined ? 0 : characterTime_ms(characters, rate);
	}
}
