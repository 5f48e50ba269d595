// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import type { Cipher } from "../ports/cipher.js";
import type { Log } from "../ports/log.js";
import type { Random } from "../ports/random.js";
import { type ApduHandler, allStationsSap, type LinkInfo, type PortKind } from "./apdu-handler.js";
import type { Application } from "./application.js";
import { type Association, associationStatus } from "./association/association.js";
import { AssociationOpening, openingOutcome } from "./association/association-opening.js";
import { AssociationTable } from "./association/association-table.js";
import { type ClientDescriptor, findClient, findOpenClient, managementLogicalDevice } from "./association/client.js";
import { conformanceBit } from "./association/conformance.js";
import { aarqTag } from "./codec/aarq.js";
import { CodecError } from "./codec/codec-error.js";
import { encodeException, exceptionResponseTag, serviceError, stateError } from "./codec/exception.js";
import { Reader } from "./codec/reader.js";
import { decodeRelease, encodeRelease, Release, rlreTag, rlrqTag } from "./codec/release.js";
import { Writer } from "./codec/writer.js";
import type { ServerLimits } from "./limits.js";
import { rs485Role } from "./rs485-role.js";
import { Handshakes } from "./security/handshakes.js";
import { HlsGmac } from "./security/hls-gmac.js";
import { Protection } from "./security/protection.js";
import { formOf, protectionForm } from "./security/protection-form.js";
import { expectedCounter } from "./security/received-counters.js";
import { SecureChannel } from "./security/secure-channel.js";
import { securityEvent } from "./security/security-event.js";
import type { ServerObserver } from "./server-observer.js";
import { AccessService } from "./services/access.js";
import { ActionService } from "./services/action.js";
import { GeneralBlockTransfer, generalBlockTransferTag, transferStep } from "./services/general-block-transfer.js";
import { GetService } from "./services/get.js";
import { outcome, ServiceContext, serviceTag } from "./services/service.js";
import { isPlainService, isServiceTag } from "./services/service-tags.js";
import { SetService } from "./services/set.js";

export interface ServerPorts {
	readonly cipher: Cipher;
	readonly random: Random;
	readonly log?: Log;
	readonly observer?: ServerObserver;
}

const longestException = 7;
/** Taken under protection only. */
const dataNotificationConfirmTag = 0x10;
/** Offset of the length in a general block. */
const lengthOfBlock = 6;
/** APDUs in a row that cannot be deciphered before the association is ended. */
const decipheringFailuresBeforeEnd = 10;

/**
 * The DLMS/COSEM server of one meter: one APDU in, at most one out, synchronously. It serves any number of links; what
 * it keeps between two APDUs is in the associations.
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
	readonly #context: ServiceContext;
	readonly #get: GetService;
	readonly #set: SetService;
	readonly #action: ActionService;
	/** Made when first asked for. */
	#access: AccessService | undefined;
	readonly #reader = new Reader();
	readonly #release = new Release();

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
		this.#context = new ServiceContext(application, limits, ports.log, ports.observer);
		this.#get = new GetService(this.#context);
		this.#set = new SetService(this.#context);
		this.#action = new ActionService(this.#context);
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
		this.#table.abort(link, clientSap);
	}

	isKnown(link: number, clientSap: number, serverSap: number): boolean {
		const info = this.#links[link];
		if (info === undefined || serverSap !== managementLogicalDevice || this.isOff(info.port)) return false;
		if (findClient(clientSap, info.port, this.#application.isSealOpen()) !== undefined) return true;
		this.#table.abort(link, clientSap); // one that the closing of the seal has made unknown
		return false;
	}

	/** Monotonic time of the next time-out of a handshake or a block transfer; `Infinity` when none runs. */
	get nextDeadline_ms(): number {
		return this.#table.nextDeadline_ms;
	}

	/** Runs time-outs that are due. */
	advance(now_ms: number): void {
		this.#table.advance(now_ms);
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
	): boolean {
		response.reset();
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
		this.#context.isConfirmed = open === undefined;
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
			if (tag === generalBlockTransferTag) return this.takeBlock(association, bytes, from, to, response);
			return this.serve(association, bytes, from, to, response);
		} catch (error) {
			this.#table.find(link, clientSap, serverSap)?.dropTransfers();
			return this.answerFailure(error, response);
		} finally {
			this.#application.security.settle();
			this.#observer?.requestEnds();
		}
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
		this.serve(association, bytes, from, to, response);
		return false;
	}

	/** One general block: of a request that is served when it is whole, or the word to go on with the response. */
	private takeBlock(association: Association, bytes: Uint8Array, from: number, to: number, response: Writer): boolean {
		if (!association.allows(conformanceBit.generalBlockTransfer)) {
			return except(response, serviceError.serviceNotSupported);
		}
		const { longTransfer, generalWindow } = this.#limits;
		let general = association.transfer?.general;
		this.#reader.reset(bytes, from + 1, to);
		if (general === undefined || (general.isSending && isData(bytes, from))) {
			association.dropTransfers();
			general = new GeneralBlockTransfer(longTransfer, generalWindow);
			association.takeTransfer().general = general;
		}
		const step = general.take(this.#reader);
		this.#context.prolongTransfer(association);
		if (step === transferStep.wait) return false;
		if (step === transferStep.send) general.writeBlock(response);
		else if (step === transferStep.acknowledge) general.writeAcknowledgement(response);
		else if (association.transfer !== undefined) association.transfer.general = undefined;
		if (step === transferStep.abort) general.writeAbort(response);
		if (step !== transferStep.serve) return true;
		const { request } = general;
		if (request.length === 0 || !isServiceTag(request.bytes[0]!)) {
			encodeException(response, stateError.serviceUnknown, serviceError.serviceNotSupported);
			return true;
		}
		return this.serve(association, request.bytes, 0, request.length, response, general);
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
		this.#reader.reset(bytes, from, to);
		const result = this.#opening.open(link, info.port, clientSap, serverSap, this.#reader, response);
		if (result === openingOutcome.counterError) {
			return except(response, serviceError.invocationCounterError, this.#opening.expectedCounter);
		}
		const association = this.#table.find(link, clientSap, serverSap);
		if (association?.status === associationStatus.associated) this.#observer?.sessionBegins(info.port, clientSap);
		return true;
	}

	/** What protection a release carries has to be right; none is as good as closing the link (docs/decisions/0009). */
	private releaseBy(association: Association, bytes: Uint8Array, from: number, to: number, response: Writer): boolean {
		this.#reader.reset(bytes, from, to);
		const release = this.#release;
		decodeRelease(this.#reader, rlrqTag, release);
		const information = release.userInformation;
		const { setup } = association;
		release.userInformation = undefined;
		if (setup !== undefined && information !== undefined) {
			const error = this.#channel.receive(association, information, 0, information.length);
			if (error !== 0) return this.refuse(association, information[0]!, error, response);
			release.userInformation = this.#opening.encodeInitiateResponse(association, this.#channel.form);
		}
		if (release.reason < 0) release.reason = 0;
		encodeRelease(response, rlreTag, release);
		association.close();
		return true;
	}

	/** @param general the blocks that the request came in, which the response leaves in too */
	private serve(
		association: Association,
		bytes: Uint8Array,
		from: number,
		to: number,
		response: Writer,
		general?: GeneralBlockTransfer,
	): boolean {
		const tag = bytes[from]!;
		let form: number = protectionForm.plain;
		let plainFrom = from;
		let plainTo = to;
		if (association.setup !== undefined || formOf(tag) > protectionForm.plain) {
			const error = this.#channel.receive(association, bytes, from, to);
			if (error !== 0) return this.refuse(association, tag, error, response);
			this.trust(association);
			({ form, from: plainFrom, to: plainTo } = this.#channel);
		}
		const r = this.#reader;
		r.reset(bytes, plainFrom, plainTo);
		const service = r.u8();
		if (service === dataNotificationConfirmTag) return this.takeConfirmation(association, r);
		if (!isPlainService(service)) {
			encodeException(response, stateError.serviceUnknown, serviceError.serviceNotSupported);
			return true;
		}
		const isPending = association.status === associationStatus.pending;
		if (isPending && !(service === serviceTag.actionRequest && this.#action.isReplyToHls(r))) {
			return except(response, serviceError.operationNotPossible);
		}
		// what the request changes must not be undone by a replay after a power cut
		if (service !== serviceTag.getRequest) association.setup?.storeReceived();
		this.#context.begin(association);
		const { sendPduSize, generalPduSize, generalWindow } = this.#limits;
		const { clientReceiveSize } = association;
		const pduSize = clientReceiveSize === 0 ? sendPduSize : Math.min(clientReceiveSize, sendPduSize);
		const mayBeCut = service === serviceTag.accessRequest && association.allows(conformanceBit.generalBlockTransfer);
		if (general === undefined && !mayBeCut) {
			return this.respond(association, service, form, isPending, r, response, pduSize);
		}
		const whole = new Writer(generalPduSize);
		if (!this.respond(association, service, form, isPending, r, whole, generalPduSize)) return false;
		if (whole.bytes[0] === exceptionResponseTag || (general === undefined && whole.position <= pduSize)) {
			response.octets(whole.bytes, 0, whole.position);
			return true;
		}
		const transfer = general ?? new GeneralBlockTransfer(0, generalWindow);
		transfer.answer(whole.bytes.slice(0, whole.position), pduSize);
		association.takeTransfer().general = transfer;
		this.#context.prolongTransfer(association);
		transfer.writeBlock(response);
		return true;
	}

	/** What a client has been pushed has come to it. Whoever has only the key of a group cannot say so for its members. */
	private takeConfirmation(association: Association, r: Reader): false {
		const isOpen = association.status === associationStatus.associated;
		const invokeId = r.u32() & 0xff_ffff;
		r.skip(r.u8()); // date-time
		r.expectEnd();
		if (!isOpen || association.home.isUnderBroadcastKey) return false;
		association.setup?.storeReceived();
		this.#application.push.confirmed(association.client.sap, invokeId);
		return false;
	}

	/** Serves a plain request and protects the response, which has at most `pduSize` octets then. */
	private respond(
		association: Association,
		service: number,
		form: number,
		isPending: boolean,
		r: Reader,
		response: Writer,
		pduSize: number,
	): boolean {
		const start = response.position;
		this.#channel.begin(association, response, form, pduSize);
		association.hasMissedRight = false;
		const result = this.call(association, service, isPending, r, response);
		// whoever may write nothing at all is not even heard (F126)
		if (service === serviceTag.setRequest && result === outcome.notSupported) association.hasMissedRight = true;
		// one without keys has nothing to prove, and must not be locked out by others who have none
		if (association.setup === undefined) association.hasMissedRight = false;
		if (association.hasMissedRight) this.countFailure(association, securityEvent.associationFailure);
		if (result !== outcome.answered) {
			response.reset();
			if (isPending) this.failHandshake(association);
			if (result === outcome.silent) return false;
			const error = result === outcome.tooLong ? serviceError.pduTooLong : serviceError.serviceNotSupported;
			return except(response, error);
		}
		const isSealed = this.#channel.finish(association, response, form, start, pduSize);
		if (isPending) {
			if (association.status === associationStatus.associated) this.begin(association);
			else this.failHandshake(association);
		}
		if (isSealed) return true;
		response.reset();
		return except(response, serviceError.otherReason);
	}

	private call(association: Association, service: number, isPending: boolean, r: Reader, w: Writer): number {
		switch (service) {
			case serviceTag.getRequest:
				return this.#get.serve(association, r, w);
			case serviceTag.setRequest:
				return this.#set.serve(association, r, w);
			case serviceTag.accessRequest:
				this.#access ??= new AccessService(this.#context);
				return this.#access.serve(association, r, w);
			default:
				if (isPending) return this.#action.serveReplyToHls(association, r, w);
				return this.#action.serve(association, r, w);
		}
	}

	private failHandshake(association: Association): void {
		this.countFailure(association, securityEvent.associationFailure);
		association.close();
	}

	/** @param event what a failure too many of the client is reported as */
	private countFailure({ client, port }: Association, event: number): void {
		if (this.#application.portProtection.failed(client.index, port, this.#application.now_ms())) {
			this.#application.security.report(event, client.setup);
		}
	}

	/** The handshake is through. */
	private begin(association: Association): void {
		this.trust(association);
		this.#observer?.sessionBegins(association.port, association.client.sap);
	}

	/** An APDU whose protection is right. One that follows a denied setting of the clock does not make up for it. */
	private trust(association: Association): void {
		association.decipheringFailures = 0;
		if (association.status !== associationStatus.associated || association.hasMissedRight) return;
		if (this.#application.portProtection.succeeded(association.client.index, association.port)) {
			this.#application.security.report(securityEvent.decipheredAgain, association.client.setup);
		}
	}

	private refuse(association: Association, tag: number, error: number, response: Writer): boolean {
		if (error === serviceError.invocationCounterError) {
			return except(response, error, expectedCounter(association, tag));
		}
		if (error === serviceError.decipheringError && association.setup !== undefined) {
			this.countFailure(association, securityEvent.decipheringFailure);
			association.decipheringFailures++;
			const isOver = association.decipheringFailures >= decipheringFailuresBeforeEnd;
			if (isOver && association.client.isAlwaysOpen !== true) association.close();
		}
		return except(response, error);
	}

	private answerFailure(error: unknown, response: Writer): boolean {
		response.reset();
		if (!this.#context.isConfirmed || response.remaining < longestException) return false;
		if (error instanceof CodecError) {
			return except(response, error.code === "overflow" ? serviceError.pduTooLong : serviceError.otherReason);
		}
		const reason = error instanceof DeviceError ? `${error.part} ${error.code}` : String(error);
		this.#log?.write("error", "cosem", reason);
		const isDevice = error instanceof DeviceError;
		return except(response, isDevice ? serviceError.operationNotPossible : serviceError.otherReason);
	}
}

function except(w: Writer, error: number, expectedCounter = 0): boolean {
	encodeException(w, stateError.serviceNotAllowed, error, expectedCounter);
	return true;
}

/** A general block that carries something; one without data acknowledges, or aborts. */
function isData(bytes: Uint8Array, from: number): boolean {
	return bytes[from + lengthOfBlock] !== 0;
}
