// SPDX-License-Identifier: Apache-2.0
import { areEqual } from "../core/equal-octets.js";
import { blockCheck, character, putText } from "./characters.js";
import { breakSize, putBreak } from "./messages.js";

/** Without a valid message for so long the session is over (IEC 62056-21: 60 to 120 s). */
export const programmingInactivity_ms = 60_000;

/** SOH, command 2, STX, address 16, `(`, value 32, `)`, ETX, BCC; a password is no longer than a value. */
const longestCommand = 56;

/** STX, the longest line of a readout, ETX, BCC. */
const longestAnswer = 79;

/** Negative acknowledgements in a row that end a session, and repetitions of an answer that may be asked for. */
const maximumRepetitions = 3;

/** The command starts behind SOH, what it carries behind the STX. */
const offset = Object.freeze({ command: 1, startOfText: 3, data: 4 });

const errorText = "(ERROR)";

/** How a password or a write was taken. */
export const programmingOutcome = Object.freeze({
	done: 0,
	/** Nothing has changed. */
	refused: 1,
	/** Nor has it now, and that was once too often. */
	over: 2,
});

/** What programming mode reaches of the meter, for one session. */
export interface ProgrammingHost {
	/** The port has been closed, or tries are delayed: the session is over. */
	readonly isRefused: boolean;
	/** @returns one of `programmingOutcome` */
	authorise(password: Uint8Array): number;
	/** The data set at an address, at most 76 characters; undefined where there is none, or not for this session. */
	read(address: string): string | undefined;
	/** @returns one of `programmingOutcome` */
	write(address: string, value: string): number;
	/** The session is over, however it ended. */
	close(): void;
}

/**
 * One session in programming mode (IEC 62056-21, mode C): takes characters, gives answers. Commands P1, R1, W1 and B0; all
 * others get the error message, P2 among them, for which no algorithm is agreed. A message with a wrong check character, or
 * one that stops in the middle, is answered with NAK, and the third of them in a row is the last.
 */
export class ProgrammingSession {
	/** Set when an answer ends the session. */
	isOver = false;
	/** Without a valid message until then it is over, too; whoever passes time looks after it. */
	inactiveAt_ms = 0;
	readonly #host: ProgrammingHost;
	readonly #command = new Uint8Array(longestCommand);
	readonly #answer = new Uint8Array(longestAnswer);
	/** Characters of the message that comes in, also of those that find no room. */
	#length = 0;
	#check = 0;
	/** ETX or EOT was there: the next character is the check. */
	#isEnding = false;
	#isComplete = false;
	#answerLength = 0;
	#refusals = 0;
	#repetitions = 0;

	constructor(host: ProgrammingHost) {
		this.#host = host;
	}

	/** A message has begun and is not complete. */
	get isHalf(): boolean {
		return this.#length > 0;
	}

	/** The message answered last was a valid one. */
	get isHeard(): boolean {
		return this.#refusals === 0 && this.#repetitions === 0;
	}

	/** The message that is complete signs off: nothing is said to that. */
	get isBreak(): boolean {
		if (!this.#isComplete || this.#length !== breakSize) return false;
		const signOff = new Uint8Array(breakSize);
		putBreak(signOff);
		return areEqual(signOff, this.#command.subarray(0, breakSize));
	}

	/** Characters of the message that is complete. */
	get length(): number {
		return this.#length;
	}

	/** P0 with the serial number, the first message of the session. The result is valid until the next call. */
	begin(serialNumber: Uint8Array): Uint8Array {
		const answer = this.#answer;
		answer[0] = character.startOfHeader;
		putText("P0", answer, offset.command);
		answer[offset.startOfText] = character.startOfText;
		answer[offset.data] = character.openingBracket;
		answer.set(serialNumber, offset.data + 1);
		const end = offset.data + 1 + serialNumber.length;
		answer[end] = character.closingBracket;
		return this.finish(end + 1);
	}

	/** @returns true when a message is complete: `reply` answers it */
	take(octet: number): boolean {
		if (this.#length === 0) {
			if (octet !== character.startOfHeader && octet !== character.negativeAcknowledge) return false;
			this.#check = 0;
			this.#isEnding = false;
		} else this.#check ^= octet;
		if (this.#length < longestCommand) this.#command[this.#length] = octet;
		this.#length++;
		this.#isComplete = this.#isEnding || this.#command[0] === character.negativeAcknowledge;
		this.#isEnding = octet === character.endOfText || octet === character.endOfTransmission;
		return this.#isComplete;
	}

	/** Answers the message that is complete, or half. Empty where nothing is said; valid until the next call. */
	reply(): Uint8Array {
		const length = this.#length;
		this.#length = 0;
		if (this.#command[0] === character.negativeAcknowledge) return this.repeat();
		this.#repetitions = 0;
		if (!this.#isComplete || this.#check !== 0) return this.acknowledge(false);
		this.#refusals = 0;
		if (this.#host.isRefused) return this.end(true);
		if (length > longestCommand || this.#command[length - 2] !== character.endOfText) return this.fail();
		return this.execute(length - 2);
	}

	/** Tells the meter that the session is over, once. */
	close(): void {
		this.#command.fill(0); // it may have been a password
		this.#host.close();
	}

	/** @param end behind what the command carries */
	private execute(end: number): Uint8Array {
		const command = this.#command;
		const name = String.fromCharCode(command[offset.command]!, command[offset.command + 1]!);
		if (command[offset.startOfText] !== character.startOfText || end < offset.data + 2) return this.fail();
		let open = offset.data;
		while (open < end && command[open] !== character.openingBracket) open++;
		if (open === end || command[end - 1] !== character.closingBracket) return this.fail();
		if (name === "P1") return open === offset.data ? this.authorise(open + 1, end - 1) : this.fail();
		const address = this.text(offset.data, open);
		const value = this.text(open + 1, end - 1);
		if (name === "R1") {
			// how many items, one unless given
			const dataSet = value === "" || value === "1" ? this.#host.read(address) : undefined;
			return dataSet === undefined ? this.fail() : this.tell(dataSet);
		}
		return name === "W1" ? this.answer(this.#host.write(address, value)) : this.fail();
	}

	private authorise(from: number, to: number): Uint8Array {
		const result = this.#host.authorise(this.#command.subarray(from, to));
		this.#command.fill(0, from, to);
		return this.answer(result);
	}

	private answer(outcome: number): Uint8Array {
		if (outcome === programmingOutcome.over) return this.end(true);
		return outcome === programmingOutcome.done ? this.acknowledge(true) : this.fail();
	}

	private text(from: number, to: number): string {
		return String.fromCharCode(...this.#command.subarray(from, to));
	}

	private fail(): Uint8Array {
		return this.tell(errorText);
	}

	private tell(text: string): Uint8Array {
		this.#answer[0] = character.startOfText;
		return this.finish(putText(text, this.#answer, 1));
	}

	private acknowledge(isPositive: boolean): Uint8Array {
		this.#answer[0] = isPositive ? character.acknowledge : character.negativeAcknowledge;
		this.#answerLength = 1;
		if (!isPositive && ++this.#refusals === maximumRepetitions) this.isOver = true;
		return this.#answer.subarray(0, 1);
	}

	private repeat(): Uint8Array {
		if (this.#repetitions++ < maximumRepetitions) return this.#answer.subarray(0, this.#answerLength);
		return this.end(false);
	}

	private end(isTold: boolean): Uint8Array {
		this.isOver = true;
		return this.#answer.subarray(0, isTold ? putBreak(this.#answer) : 0);
	}

	/** Ends a message with ETX and check. */
	private finish(end: number): Uint8Array {
		const answer = this.#answer;
		answer[end] = character.endOfText;
		answer[end + 1] = blockCheck(answer, 1, end + 1);
		this.#answerLength = end + 2;
		return answer.subarray(0, this.#answerLength);
	}
}
