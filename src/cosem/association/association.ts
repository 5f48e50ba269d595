// SPDX-License-Identifier: Apache-2.0
import type { Cipher } from "../../ports/cipher.js";
import type { Random } from "../../ports/random.js";
import type { PortKind } from "../apdu-handler.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { titleLength } from "../security/protection.js";
import type { SecuritySetupState } from "../security/security-setup-state.js";
import { Transfer } from "../services/transfer.js";
import type { ClientDescriptor } from "./client.js";
import type { Opening } from "./opening.js";
import { SessionKeys } from "./session-keys.js";

/** association_status (Blue Book, class 15). */
export const associationStatus = Object.freeze({ nonAssociated: 0, pending: 1, associated: 2 });

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
	/** Security control octet of the request in progress; 0 when it came plain. */
	requestControl: number;
	/** The request in progress came under the broadcast key, which many meters and their clients share. */
	isUnderBroadcastKey: boolean;
	/** The furthest association of a client on any link; undefined when it has none. */
	ofClient(client: ClientDescriptor): Association | undefined;
	/** An association that was associated is about to be closed. */
	ending(association: Association): void;
}

/**
 * One application association: a client at the other end of a link and what was agreed with it. Objects are reused;
 * `open` starts from nothing, so that no state carries over. What it needs for a while only has an object for the while.
 */
export class Association {
	readonly home: AssociationHome;
	/** Handle of the link; -1 while this object is free. */
	link = -1;
	port: PortKind = "tcp";
	serverSap = 0;
	client: ClientDescriptor;
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
	/** Keys of this association alone; undefined while it has none. */
	keys: SessionKeys | undefined;
	/** What the handshake is about; undefined when none is going on. */
	opening: Opening | undefined;
	/** APDUs in a row that could not be deciphered. */
	decipheringFailures = 0;
	/** The last request of a client with keys tried to move the clock, or to write anything at all, without the right. */
	hasMissedRight = false;
	/** A request or a response in blocks; undefined while there is none. */
	transfer: Transfer | undefined;

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
		this.transfer = undefined;
	}

	/** The transfer that is going on, or a new one. */
	takeTransfer(): Transfer {
		this.transfer ??= new Transfer();
		return this.transfer;
	}

	/** The keys of this association, to which one is about to be added. */
	takeKeys(): SessionKeys {
		this.keys ??= new SessionKeys();
		return this.keys;
	}

	/** The handshake is through: its challenges are not needed any more. */
	succeed(): void {
		this.status = associationStatus.associated;
		this.opening = undefined;
	}

	/** Every bit of `bits` was negotiated. */
	allows(bits: number): boolean {
		return (this.conformance & bits) === bits;
	}

	private clear(): void {
		this.status = associationStatus.nonAssociated;
		this.conformance = 0;
		this.clientReceiveSize = 0;
		this.qualityOfService = 0;
		this.userId = 0;
		this.setup = undefined;
		this.clientTitle.fill(0);
		this.keys?.forget();
		this.keys = undefined;
		this.opening = undefined;
		this.decipheringFailures = 0;
		this.hasMissedRight = false;
		this.transfer = undefined;
	}
}
