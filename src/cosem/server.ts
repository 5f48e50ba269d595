// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import type { Cipher } from "../ports/cipher.js";
import type { Log } from "../ports/log.js";
import type { Pace } from "../ports/pace.js";
import type { Random } from "../ports/random.js";
import { type ApduHandler, allStationsSap, type LateAnswer, type LinkInfo, type PortKind } from "./apdu-handler.js";
import type { Application } from "./application.js";
import { type Association, associationStatus } from "./association/association.js";
import { AssociationOpening, openingOutcome } from "./association/association-opening.js";
import { AssociationTable } from "./association/association-table.js";
import { type ClientDescriptor, findClient, findOpenClient, managementLogicalDevice } from "./association/client.js";
import { aarqTag } from "./codec/aarq.js";
import { CodecError } from "./codec/codec-error.js";
import { encodeException, except, serviceError, stateError } from "./codec/exception.js";
import { Reader } from "./codec/reader.js";
import { decodeRelease, encodeRelease, Release, rlreTag, rlrqTag } from "./codec/release.js";
import type { Writer } from "./codec/writer.js";
import type { ServerLimits } from "./limits.js";
import { RequestHandler } from "./request-handler.js";
import { rs485Role } from "./rs485-role.js";
import { Handshakes } from "./security/handshakes.js";
import { HlsGmac } from "./security/hls-gmac.js";
import { Protection } from "./security/protection.js";
import { SecureChannel } from "./security/secure-channel.js";
import type { ServerObserver } from "./server-observer.js";
import { generalBlockTransferTag } from "./services/general-block-transfer.js";
import { isServiceTag } from "./services/service-tags.js";

export interface ServerPorts {
	readonly cipher: Cipher;
	readonly random: Random;
	readonly log?: Log;
	readonly observer?: ServerObserver;
	readonly pace?: Pace;
}

const longestException = 7;

/**
 * The DLMS/COSEM server of one meter: one APDU in, at most one out. It serves any number of links; what it keeps between
 * two APDUs is in the associations. A request that takes more than the pace allows is gone on with in `advance`; another
 * one ends it first, so that there is never more than one.
 */
export class CosemServer implements ApduHandler {
	readonly #application: Application;
	readonly #limits: ServerLimits;
	readonly #log: Log | undefined;
	readonly #observer: ServerObserver | undefined;
	readonly #links: (LinkInfo | undefined)[] = [];
	readonly #table: AssociationTable;
	readonly #channel: SecureChannel;
	readonly #opening: AssociationOpening;
	readonly #requests: RequestHandler;
	readonly #pace: Pace | undefined;

	constructor(application: Application, ports: ServerPorts, limits: ServerLimits) {
		const protection = new Protection(ports.cipher);
		this.#application = application;
		this.#limits = limits;
		this.#log = ports.log;
		this.#observer = ports.observer;
		this.#table = new AssociationTable(
			limits.associations,
			new Handshakes(new HlsGmac(protection, application), application),
			ports.cipher,
			ports.random,
			limits.receivePduSize,
			ports.observer,
		);
		this.#channel = new SecureChannel(protection, ports, application);
		this.#opening = new AssociationOpening(application, this.#table, this.#channel, ports.random, limits);
		this.#pace = ports.pace;
		this.#requests = new RequestHandler(application, this.#channel, limits, ports.log, ports.observer, ports.pace);
	}

	open(link: LinkInfo): number {
		let handle = 0;
		while (this.#links[handle] !== undefined) handle++;
		if (handle >= this.#limits.links) return -1;
		this.#links[handle] = link;
		return handle;
	}

	close(link: number): void {
		this.abort(link);
		this.#links[link] = undefined;
	}

	abort(link: number, clientSap?: number): void {
		const { resting } = this.#requests;
		if (resting?.link === link && (clientSap === undefined || clientSap === resting.association.client.sap)) {
			resting.late = undefined; // it has come whole, and is done; nobody is told
			this.goOn(undefined);
		}
		this.#table.abort(link, clientSap);
	}

	isHeard(link: number, clientSap: number, serverSap: number): boolean {
		const info = this.#links[link];
		if (info === undefined || serverSap !== managementLogicalDevice || this.isOff(info.port)) return false;
		return findOpenClient(clientSap, info.port) === undefined;
	}

	isKnown(link: number, clientSap: number, serverSap: number): boolean {
		const info = this.#links[link];
		if (info === undefined || serverSap !== managementLogicalDevice) return false;
		return findClient(clientSap, info.port, this.#application.isSealOpen()) !== undefined;
	}

	/** Monotonic time of the next time-out of a handshake or a block transfer, or of what rests; `Infinity` when there is none. */
	get nextDeadline_ms(): number {
		return this.#requests.resting === undefined ? this.#table.nextDeadline_ms : 0;
	}

	/** Runs time-outs that are due, and goes on with the request that rests. */
	advance(now_ms: number): void {
		this.#table.advance(now_ms);
		this.#pace?.begin();
		this.goOn(this.#pace);
	}

	finish(link: number): void {
		if (this.#requests.resting?.link === link) this.goOn(undefined);
	}

	/** A client on this link has proved who it is; links without one are the first to be given up. */
	isAuthenticated(link: number): boolean {
		return this.#table.isAuthenticated(link);
	}

	handle(
		link: number,
		clientSap: number,
		serverSap: number,
		bytes: Uint8Array,
		from: number,
		to: number,
		response: Writer,
		late?: LateAnswer,
	): boolean {
		this.goOn(undefined); // nothing else comes in between
		response.reset();
		this.#pace?.begin();
		const info = this.#links[link];
		if (info === undefined || from >= to || serverSap === 0) return false;
		if (this.isOff(info.port)) {
			this.abort(link);
			return false;
		}
		const open = findOpenClient(clientSap, info.port);
		// nothing else comes over datagrams, or to all meters at once
		if (open === undefined && (info.port === "udp" || serverSap === allStationsSap)) return false;
		if (this.#application.portProtection.isClosed(info.port)) {
			if (open !== undefined) return false;
			this.abort(link); // what was open when the port was closed is over
		}
		this.#table.advance(this.#application.now_ms());
		this.#table.requestControl = 0;
		this.#table.isUnderBroadcastKey = false;
		this.#requests.context.isConfirmed = open === undefined;
		this.#requests.late = late;
		this.#observer?.requestBegins(info.port, clientSap);
		try {
			if (open !== undefined) return this.serveOpen(open, link, info, serverSap, bytes, from, to, response);
			if (to - from > this.#limits.receivePduSize) return except(response, serviceError.pduTooLong);
			const tag = bytes[from]!;
			if (tag === aarqTag) return this.openAssociation(link, info, clientSap, serverSap, bytes, from, to, response);
			if (!isServiceTag(tag) && tag !== rlrqTag && tag !== generalBlockTransferTag) {
				encodeException(response, stateError.serviceUnknown, serviceError.serviceNotSupported);
				return true;
			}
			const association = this.#table.find(link, clientSap, serverSap);
			if (association?.client.needsOpenSeal === true && !this.#application.isSealOpen()) association.close();
			if (association === undefined || association.link < 0) return except(response, serviceError.operationNotPossible);
			if (tag === rlrqTag) return this.releaseBy(association, bytes, from, to, response);
			if (tag === generalBlockTransferTag) return this.#requests.takeBlock(association, bytes, from, to, response);
			return this.#requests.serve(association, bytes, from, to, response);
		} catch (error) {
			this.#table.find(link, clientSap, serverSap)?.dropTransfers();
			return this.answerFailure(error, response);
		} finally {
			this.leave();
		}
	}

	/** @param pace undefined: to the end of what rests */
	private goOn(pace: Pace | undefined): void {
		const { resting } = this.#requests;
		if (resting === undefined) return;
		this.#requests.resting = undefined;
		this.#observer?.requestGoesOn();
		let hasAnswer: boolean | undefined;
		try {
			hasAnswer = this.#requests.goOn(resting, pace);
		} catch (error) {
			resting.association.dropTransfers();
			hasAnswer = this.answerFailure(error, resting.response);
		} finally {
			this.leave();
		}
		if (hasAnswer !== undefined) resting.late?.ends(hasAnswer);
	}

	private leave(): void {
		if (this.#requests.resting !== undefined) {
			this.#observer?.requestRests();
			return;
		}
		this.#application.security.settle(); // not before the response is protected
		this.#observer?.requestEnds();
	}

	handleMore(link: number, clientSap: number, serverSap: number, response: Writer): boolean {
		const general = this.#table.find(link, clientSap, serverSap)?.transfer?.general;
		if (general?.isMore !== true) return false;
		response.reset();
		general.writeBlock(response);
		return true;
	}

	private isOff(port: PortKind): boolean {
		return port === "rs485" && this.#application.rs485Role === rs485Role.off;
	}

	/** A request of the client that needs no association: served, and never answered. */
	private serveOpen(
		client: ClientDescriptor,
		link: number,
		info: LinkInfo,
		serverSap: number,
		bytes: Uint8Array,
		from: number,
		to: number,
		response: Writer,
	): false {
		if (serverSap !== managementLogicalDevice && serverSap !== allStationsSap) return false;
		if (to - from > this.#limits.receivePduSize || !isServiceTag(bytes[from]!)) return false;
		const association = this.#table.alwaysOpen(link, info.port, serverSap, client);
		association.setup = this.#application.security.setup(client.setup);
		this.#requests.serve(association, bytes, from, to, response);
		return false;
	}

	private openAssociation(
		link: number,
		info: LinkInfo,
		clientSap: number,
		serverSap: number,
		bytes: Uint8Array,
		from: number,
		to: number,
		response: Writer,
	): boolean {
		const r = new Reader();
		r.reset(bytes, from, to);
		const result = this.#opening.open(link, info.port, clientSap, serverSap, r, response);
		if (result === openingOutcome.counterError) {
			return except(response, serviceError.invocationCounterError, this.#opening.expectedCounter);
		}
		const association = this.#table.find(link, clientSap, serverSap);
		if (association?.status === associationStatus.associated) this.#observer?.sessionBegins(info.port, clientSap);
		return true;
	}

	/** What protection a release carries has to be right; none is as good as closing the link (docs/decisions/0009). */
	private releaseBy(association: Association, bytes: Uint8Array, from: number, to: number, response: Writer): boolean {
		const r = new Reader();
		r.reset(bytes, from, to);
		const release = new Release();
		decodeRelease(r, rlrqTag, release);
		const information = release.userInformation;
		const { setup } = association;
		release.userInformation = undefined;
		if (setup !== undefined && information !== undefined) {
			const error = this.#channel.receive(association, information, 0, information.length);
			if (error !== 0) return this.#requests.refuse(association, information[0]!, error, response);
			release.userInformation = this.#opening.encodeInitiateResponse(association, this.#channel.form);
		}
		if (release.reason < 0) release.reason = 0;
		encodeRelease(response, rlreTag, release);
		association.close();
		return true;
	}

	private answerFailure(error: unknown, response: Writer): boolean {
		response.reset();
		if (!this.#requests.context.isConfirmed || response.remaining < longestException) return false;
		if (error instanceof CodecError) {
			return except(response, error.code === "overflow" ? serviceError.pduTooLong : serviceError.otherReason);
		}
		const reason = error instanceof DeviceError ? `${error.part} ${error.code}` : String(error);
		this.#log?.write("error", "cosem", reason);
		const isDevice = error instanceof DeviceError;
		return except(response, isDevice ? serviceError.operationNotPossible : serviceError.otherReason);
	}
}
