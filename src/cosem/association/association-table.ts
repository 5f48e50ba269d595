// SPDX-License-Identifier: Apache-2.0
import type { Cipher } from "../../ports/cipher.js";
import type { Random } from "../../ports/random.js";
import type { PortKind } from "../apdu-handler.js";
import type { ServerObserver } from "../server-observer.js";
import { Association, type AssociationHome, associationStatus, type Handshake } from "./association.js";
import { type ClientDescriptor, mechanism } from "./client.js";

/** The associations of one meter, found by link, client and server; objects are made when first needed and kept. */
export class AssociationTable implements AssociationHome {
	readonly handshake: Handshake;
	readonly cipher: Cipher;
	readonly random: Random;
	readonly receivePduSize: number;
	requestControl = 0;
	isUnderBroadcastKey = false;
	readonly #associations: Association[] = [];
	#alwaysOpen: Association | undefined;
	readonly #capacity: number;
	readonly #observer: ServerObserver | undefined;

	constructor(
		capacity: number,
		handshake: Handshake,
		cipher: Cipher,
		random: Random,
		receivePduSize: number,
		observer?: ServerObserver,
	) {
		this.#observer = observer;
		this.cipher = cipher;
		this.random = random;
		this.#capacity = capacity;
		this.handshake = handshake;
		this.receivePduSize = receivePduSize;
	}

	find(link: number, clientSap: number, serverSap: number): Association | undefined {
		for (let n = 0; n < this.#associations.length; n++) {
			const association = this.#associations[n]!;
			if (association.link === link && association.client.sap === clientSap && association.serverSap === serverSap) {
				return association;
			}
		}
		return undefined;
	}

	/** Undefined when all are in use. */
	open(link: number, port: PortKind, serverSap: number, client: ClientDescriptor): Association | undefined {
		for (let n = 0; n < this.#associations.length; n++) {
			const association = this.#associations[n]!;
			if (association.link >= 0) continue;
			association.open(link, port, serverSap, client);
			return association;
		}
		if (this.#associations.length >= this.#capacity) return undefined;
		const association = new Association(client, this);
		association.open(link, port, serverSap, client);
		this.#associations.push(association);
		return association;
	}

	/** The association that nobody opens and nobody can end: there is one, whatever link its client speaks on. */
	alwaysOpen(link: number, port: PortKind, serverSap: number, client: ClientDescriptor): Association {
		this.#alwaysOpen ??= new Association(client, this);
		const association = this.#alwaysOpen;
		association.link = link;
		association.port = port;
		association.serverSap = serverSap;
		association.conformance = client.conformance;
		association.status = associationStatus.associated;
		return association;
	}

	ending(association: Association): void {
		this.#observer?.sessionEnds(association.port, association.client.sap);
	}

	/** Ends the associations of a link, or only those of one client on it. */
	abort(link: number, clientSap: number | undefined): void {
		for (let n = 0; n < this.#associations.length; n++) {
			const association = this.#associations[n]!;
			if (association.link !== link) continue;
			if (clientSap === undefined || association.client.sap === clientSap) association.close();
		}
	}

	ofClient(client: ClientDescriptor): Association | undefined {
		let furthest: Association | undefined;
		for (let n = 0; n < this.#associations.length; n++) {
			const association = this.#associations[n]!;
			if (association.link < 0 || association.client !== client) continue;
			if (furthest === undefined || association.status > furthest.status) furthest = association;
		}
		return furthest;
	}

	/** Gives up handshakes and block transfers whose time is over. */
	advance(now_ms: number): void {
		for (let n = 0; n < this.#associations.length; n++) {
			const association = this.#associations[n]!;
			if (association.link < 0) continue;
			const { opening, transfer } = association;
			if (opening !== undefined && now_ms >= opening.until_ms) association.close();
			else if (transfer !== undefined && now_ms >= transfer.until_ms) association.dropTransfers();
		}
	}

	/** A handshake with signatures is going on: no other one is begun (SEC-cpu). */
	get isSigning(): boolean {
		for (let n = 0; n < this.#associations.length; n++) {
			const { link, opening } = this.#associations[n]!;
			if (link >= 0 && opening?.mechanism === mechanism.highEcdsa) return true;
		}
		return false;
	}

	/** Some association of the link has passed a mechanism that proves something. */
	isAuthenticated(link: number): boolean {
		for (let n = 0; n < this.#associations.length; n++) {
			const { link: own, status, client } = this.#associations[n]!;
			if (own === link && status === associationStatus.associated && client.mechanism !== mechanism.lowest) return true;
		}
		return false;
	}

	get nextDeadline_ms(): number {
		let next = Infinity;
		for (let n = 0; n < this.#associations.length; n++) {
			const association = this.#associations[n]!;
			if (association.link < 0) continue;
			const { opening, transfer } = association;
			if (opening !== undefined && opening.until_ms < next) next = opening.until_ms;
			if (transfer !== undefined && transfer.until_ms < next) next = transfer.until_ms;
		}
		return next;
	}
}
