// SPDX-License-Identifier: Apache-2.0
import type { ApduHandler, LateAnswer } from "../apdu-handler.js";
import { Writer } from "../codec/writer.js";
import {
	control,
	informationControl,
	isInformation,
	isSupervisory,
	pollFinal,
	receiveNumberOf,
	rejection,
	sendNumberOf,
	supervisoryControl,
} from "./hdlc-control.js";
import type { HdlcFrame } from "./hdlc-frame.js";
import { type HdlcParameters, setDefaultParameters } from "./hdlc-parameters.js";

export interface FrameSender {
	/** Sends `bytes[from … to-1]` (none when equal) as the information field to the client being answered. */
	sendFrame(controlOctet: number, isSegmented: boolean, bytes: Uint8Array, from: number, to: number): void;
}

/** LLC header: destination LSAP, source LSAP (command E6, response E7), quality (IEC 62056-46). */
export const llcSize = 3;
const llcAddress = 0xe6;
const llcResponse = 0xe7;

/**
 * One client's data link to the server: numbered frames both ways, segmentation, flow control.
 *
 * The server is the secondary station: it speaks only when polled and has no timer for retransmission. A poll is
 * answered with what the client has not acknowledged, from the oldest on, so a lost frame heals with the next poll.
 * Requests wait in `#rx` until the answer before has been acknowledged; what comes meanwhile is not taken.
 */
export class HdlcConnection implements LateAnswer {
	/** SAP of the client; -1 while this place is free. */
	clientSap = -1;
	serverSap = 0;
	/** Time of the last frame of this client. */
	lastFrame_ms = 0;
	/** What was agreed at the SNRM, from the side of the server. */
	readonly parameters: HdlcParameters = { maximumTransmit: 0, maximumReceive: 0, windowTransmit: 0, windowReceive: 0 };
	/** Requests without a good LLC header. */
	droppedCount = 0;
	readonly #handler: ApduHandler;
	readonly #sender: FrameSender;
	readonly #rx: Uint8Array;
	readonly #tx: Uint8Array;
	readonly #response: Writer;
	/** Information field of the FRMR; its last octet is 0 while nothing was rejected. */
	readonly #reject = new Uint8Array(3);
	#received = 0;
	#isRequestComplete = false;
	/** The request in `#rx` is still being worked on. */
	#isWaiting = false;
	/** The client has asked for the answer meanwhile. */
	#isPolled = false;
	/** End of the answer in `#tx`; 0 when there is none. */
	#answerEnd = 0;
	/** Everything before has been acknowledged. */
	#acknowledged = 0;
	/** V(R): number expected next. */
	#receiveNumber = 0;
	/** Number of the oldest frame not acknowledged. */
	#sendNumber = 0;
	/** Frames sent from there on. */
	#outstanding = 0;
	#isPeerBusy = false;

	/** @param maximumApdu longest APDU either way, octets */
	constructor(handler: ApduHandler, sender: FrameSender, maximumApdu: number) {
		this.#handler = handler;
		this.#sender = sender;
		this.#rx = new Uint8Array(llcSize + maximumApdu);
		this.#tx = new Uint8Array(llcSize + maximumApdu);
		this.#tx[0] = llcAddress;
		this.#tx[1] = llcResponse;
		this.#response = new Writer(this.#tx.subarray(llcSize));
	}

	get isFree(): boolean {
		return this.clientSap < 0;
	}

	/** Normal response mode begins. `parameters` are to be filled by the caller. */
	open(clientSap: number, serverSap: number): void {
		this.close();
		this.clientSap = clientSap;
		this.serverSap = serverSap;
	}

	/** Back to normal disconnected mode; the place is free. */
	close(): void {
		this.clientSap = -1;
		this.#received = 0;
		this.#isRequestComplete = false;
		this.#isWaiting = false;
		this.#answerEnd = 0;
		this.#acknowledged = 0;
		this.#receiveNumber = 0;
		this.#sendNumber = 0;
		this.#outstanding = 0;
		this.#isPeerBusy = false;
		this.#reject[2] = 0;
		setDefaultParameters(this.parameters);
	}

	/** Takes any frame but SNRM, DISC and UI, and answers if it polls. What was being worked on has been finished before. */
	receive(link: number, bytes: Uint8Array, frame: HdlcFrame): void {
		this.#isWaiting = false;
		const octet = frame.control;
		const informationSize = frame.informationTo - frame.informationFrom;
		if (this.#reject[2] === 0) {
			if (isInformation(octet)) this.takeInformation(link, bytes, frame);
			else if (!isSupervisory(octet) || !this.takeSupervisory(link, octet)) {
				this.refuse(octet, rejection.undefinedControl);
			} else if (informationSize > 0) this.refuse(octet, rejection.unexpectedInformation);
		}
		if (this.#isWaiting) this.#isPolled = (octet & pollFinal) !== 0;
		else if (octet & pollFinal) this.respond();
	}

	/** The answer takes longer: it is the meter's turn to speak all the while. */
	begins(): void {
		this.#isWaiting = true;
	}

	ends(hasAnswer: boolean): void {
		this.#isWaiting = false;
		if (hasAnswer) this.answerReady();
		if (this.#isPolled) this.respond();
	}

	/** An information field longer than any buffer has passed. */
	refuseLong(octet: number): void {
		if (this.#reject[2] === 0) this.refuse(octet, rejection.informationTooLong);
		if (octet & pollFinal) this.respond();
	}

	private takeInformation(link: number, bytes: Uint8Array, frame: HdlcFrame): void {
		const octet = frame.control;
		const from = frame.informationFrom;
		const to = frame.informationTo;
		if (to - from > this.parameters.maximumReceive) {
			this.refuse(octet, rejection.informationTooLong);
			return;
		}
		if (!this.acknowledge(link, octet)) return;
		if (octet & pollFinal) this.#isPeerBusy = false;
		// Out of sequence (repeated, or after a gap) or no room: the answer's N(R) says what is expected.
		if (sendNumberOf(octet) !== this.#receiveNumber || this.#isRequestComplete || this.#isWaiting) return;
		if (to - from > this.#rx.length - this.#received) {
			this.refuse(octet, rejection.informationTooLong);
			return;
		}
		this.#rx.set(bytes.subarray(from, to), this.#received);
		this.#received += to - from;
		this.#receiveNumber = (this.#receiveNumber + 1) & 7;
		if (frame.isSegmented) return;
		this.#isRequestComplete = true;
		if (this.#answerEnd === 0) this.handleRequest(link);
	}

	/** RR and RNR; false for anything else. */
	private takeSupervisory(link: number, octet: number): boolean {
		const code = octet & 0x0f;
		if (code !== control.receiveReady && code !== control.receiveNotReady) return false;
		if (!this.acknowledge(link, octet)) return true;
		this.#isPeerBusy = code === control.receiveNotReady;
		if (this.#answerEnd === 0 && !this.#isWaiting) this.continueAnswer(link);
		return true;
	}

	/** Moves on to N(R), which must be one that was sent; a request that waited for it is handled. */
	private acknowledge(link: number, octet: number): boolean {
		const count = (receiveNumberOf(octet) - this.#sendNumber) & 7;
		if (count > this.#outstanding) {
			this.refuse(octet, rejection.invalidReceiveNumber);
			return false;
		}
		this.#sendNumber = receiveNumberOf(octet);
		this.#outstanding -= count;
		this.#acknowledged += count * this.parameters.maximumTransmit;
		if (this.#acknowledged >= this.#answerEnd) {
			this.#answerEnd = 0;
			this.#acknowledged = 0;
			if (this.#isRequestComplete) this.handleRequest(link);
		}
		return true;
	}

	private handleRequest(link: number): void {
		const rx = this.#rx;
		const to = this.#received;
		this.#received = 0;
		this.#isRequestComplete = false;
		if (to <= llcSize || rx[0] !== llcAddress || rx[1] !== llcAddress || rx[2] !== 0) {
			this.droppedCount++;
			return;
		}
		const { clientSap, serverSap } = this;
		if (this.#handler.handle(link, clientSap, serverSap, rx, llcSize, to, this.#response, this)) this.answerReady();
	}

	private answerReady(): void {
		if (this.#response.position > 0) this.#answerEnd = llcSize + this.#response.position;
	}

	/** An answer of several APDUs: the next one, now that the one before has come through and the client asks for it. */
	private continueAnswer(link: number): void {
		const hasMore = this.#handler.handleMore?.(link, this.clientSap, this.serverSap, this.#response) === true;
		if (hasMore) this.#answerEnd = llcSize + this.#response.position;
	}

	private refuse(octet: number, reason: number): void {
		const reject = this.#reject;
		reject[0] = octet;
		reject[1] = (this.#receiveNumber << 5) | (((this.#sendNumber + this.#outstanding) & 7) << 1);
		reject[2] = reason;
	}

	private respond(): void {
		if (this.#reject[2] !== 0) {
			this.#sender.sendFrame(control.frameReject | pollFinal, false, this.#reject, 0, 3);
		} else if (this.#answerEnd > 0 && !this.#isPeerBusy) this.sendWindow();
		else {
			const code = this.#isRequestComplete ? control.receiveNotReady : control.receiveReady;
			this.#sender.sendFrame(supervisoryControl(code, this.#receiveNumber) | pollFinal, false, this.#reject, 0, 0);
		}
	}

	/** As many segments as the window allows, beginning with the oldest not acknowledged; the last has the final bit. */
	private sendWindow(): void {
		const { maximumTransmit, windowTransmit } = this.parameters;
		const tx = this.#tx;
		let from = this.#acknowledged;
		this.#outstanding = 0;
		while (from < this.#answerEnd && this.#outstanding < windowTransmit) {
			const to = Math.min(this.#answerEnd, from + maximumTransmit);
			const isLastOfWindow = to === this.#answerEnd || this.#outstanding === windowTransmit - 1;
			const octet = informationControl(this.#receiveNumber, (this.#sendNumber + this.#outstanding) & 7);
			this.#outstanding++;
			this.#sender.sendFrame(isLastOfWindow ? octet | pollFinal : octet, to < this.#answerEnd, tx, from, to);
			from = to;
		}
	}
}
