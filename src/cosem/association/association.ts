// SPDX-License-Identifier: Apache-2.0
import type { Cipher } from "../../ports/cipher.js";
import type { Random } from "../../ports/random.js";
import type { PortKind } from "../apdu-handler.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { titleLength } from "../security/protection.js";
import type { SecuritySetupState } from "../security/security-setup-state.js";
import type { Content } from "../services/content.js";
import type { GeneralBlockTransfer } from "../services/general-block-transfer.js";
import type { LongRequest } from "../services/long-request.js";
import type { ClientDescriptor } from "./client.js";

/** association_status (Blue Book, class 15). */
export const associationStatus = Object.freeze({ nonAssociated: 0, pending: 1, associated: 2 });

export const longestClientChallenge = 64;
export const serverChallengeLength = 32;

/** Passes 3 and 4 of an HLS mechanism. */
export interface Handshake {
	/**
	 * Checks f(StoC) in `r` and writes f(CtoS) to `w`; only its success makes the association an associated one.
	 * @returns an action-result
	 */
	reply(association: Association, r: Reader, w: Writer): number;
}

/** What all associations of a server share. */
export interface AssociationHome {
	readonly handshake: Handshake;
	readonly cipher: Cipher;
	readonly random: Random;
	/** server-max-receive-pdu-size. */
	readonly receivePduSize: number;
	/** The furthest association of a client on any link; undefined when it has none. */
	ofClient(client: ClientDescriptor): Association | undefined;
	/** An association that was associated is about to be closed. */
	ending(association: Association): void;
}

/**
 * One application association: a client at the other end of a link and what was agreed with it. Objects are reused;
 * `open` starts from nothing, so that no state carries over.
 */
export class Association {
	readonly home: AssociationHome;
	/** Handle of the link; -1 while this object is free. */
	link = -1;
	port: PortKind = "tcp";
	serverSap = 0;
	client: ClientDescriptor;
	/** Authentication mechanism number. */
	mechanism = 0;
	/** One of `associationStatus`. */
	status: number = associationStatus.nonAssociated;
	/** Negotiated conformance, 24 bits. */
	conformance = 0;
	/** client-max-receive-pdu-size; 0 = no limit. */
	clientReceiveSize = 0;
	qualityOfService = 0;
	/** User id of the request, 0 when it had none. */
	userId = 0;
	/** Keys and counters; undefined for a client without security. */
	setup: SecuritySetupState | undefined;
	readonly clientTitle = new Uint8Array(titleLength);
	dedicatedKey: Uint8Array | undefined;
	/** Last counter accepted under the dedicated key. */
	dedicatedReceived = -1;
	/** The client's signature key out of the certificate that came with its AARQ. */
	clientKey: Uint8Array | undefined;
	/** Kind and key of the general-ciphering APDU that told one last: APDUs without key-info go on with it. */
	messageKey: readonly [number, Uint8Array] | undefined;
	/** Last counter accepted under that key. */
	messageReceived = -1;
	readonly clientChallenge = new Uint8Array(longestClientChallenge);
	clientChallengeLength = 0;
	readonly serverChallenge = new Uint8Array(serverChallengeLength);
	/** Last counter accepted before pass 3. */
	counterAtOpening = 0;
	/** When a pending handshake is given up; `Infinity` otherwise. */
	pendingUntil_ms = Infinity;
	/** APDUs in a row that could not be deciphered. */
	decipheringFailures = 0;
	/** The last request of a client with keys tried to move the clock, or to write anything at all, without the right. */
	hasMissedRight = false;
	/** Security control octet of the request in progress; 0 when it came plain. */
	requestControl = 0;
	/** What is left of a response in blocks. */
	answer: Content | undefined;
	/** Response tag the blocks go out with. */
	answerTag = 0;
	/** Number of the block sent last. */
	answerBlock = 0;
	/** A request in blocks, as far as it has come. */
	intake: LongRequest | undefined;
	/** A request or a response in general blocks. */
	general: GeneralBlockTransfer | undefined;
	/** The request in progress came under the broadcast key, which many meters and their clients share. */
	isUnderBroadcastKey = false;
	/** When an unfinished block transfer is dropped; `Infinity` while there is none. */
	transferUntil_ms = Infinity;

	constructor(client: ClientDescriptor, home: AssociationHome) {
		this.client = client;
		this.home = home;
	}

	open(link: number, port: PortKind, serverSap: number, client: ClientDescriptor): void {
		this.clear();
		this.link = link;
		this.port = port;
		this.serverSap = serverSap;
		this.client = client;
	}

	/** Ends the association: nothing of it is left, and what its client has counted up is durable. */
	close(): void {
		const setup = this.setup;
		if (this.status === associationStatus.associated) this.home.ending(this);
		this.link = -1;
		this.clear();
		try {
			setup?.storeReceived();
		} catch {
			// the medium refuses: the counters are stored with the next request that changes something
		}
	}

	dropTransfers(): void {
		this.answer = undefined;
		this.intake = undefined;
		this.general = undefined;
		this.transferUntil_ms = Infinity;
	}

	/** Every bit of `bits` was negotiated. */
	allows(bits: number): boolean {
		return (this.conformance & bits) === bits;
	}

	forgetMessageKey(): void {
		this.messageKey?.[1].fill(0);
		this.messageKey = undefined;
		this.messageReceived = -1;
	}

	private clear(): void {
		this.mechanism = 0;
		this.status = associationStatus.nonAssociated;
		this.conformance = 0;
		this.clientReceiveSize = 0;
		this.qualityOfService = 0;
		this.userId = 0;
		this.setup = undefined;
		this.clientTitle.fill(0);
		this.dedicatedKey?.fill(0);
		this.dedicatedKey = undefined;
		this.dedicatedReceived = -1;
		this.clientKey = undefined;
		this.forgetMessageKey();
		this.clientChallenge.fill(0);
		this.clientChallengeLength = 0;
		this.serverChallenge.fill(0);
		this.counterAtOpening = 0;
		this.pendingUntil_ms = Infinity;
		this.decipheringFailures = 0;
		this.hasMissedRight = false;
		this.requestControl = 0;
		this.isUnderBroadcastKey = false;
		this.dropTransfers();
	}
}
