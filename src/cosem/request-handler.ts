// SPDX-License-Identifier: Apache-2.0

import type { Log } from "../ports/log.js";
import type { Pace } from "../ports/pace.js";
import type { LateAnswer } from "./apdu-handler.js";
import type { Application } from "./application.js";
import { type Association, associationStatus } from "./association/association.js";
import { conformanceBit } from "./association/conformance.js";
import { encodeException, except, exceptionResponseTag, serviceError, stateError } from "./codec/exception.js";
import { Reader } from "./codec/reader.js";
import { Writer } from "./codec/writer.js";
import type { ServerLimits } from "./limits.js";
import type { Pieces } from "./pieces.js";
import { RequestInPieces } from "./request-in-pieces.js";
import { formOf, protectionForm } from "./security/protection-form.js";
import { expectedCounter } from "./security/received-counters.js";
import type { SecureChannel } from "./security/secure-channel.js";
import { securityEvent } from "./security/security-event.js";
import type { ServerObserver } from "./server-observer.js";
import { AccessService } from "./services/access.js";
import { ActionService } from "./services/action.js";
import { GeneralBlockTransfer, transferStep } from "./services/general-block-transfer.js";
import { GetService } from "./services/get.js";
import { outcome, ServiceContext, serviceTag } from "./services/service.js";
import { isPlainService, isServiceTag } from "./services/service-tags.js";
import { SetService } from "./services/set.js";

/** Taken under protection only. */
const dataNotificationConfirmTag = 0x10;
/** Of conformance: beyond its 24 bits. */
const neverAgreed = 0x100_0000;
/** Offset of the length in a general block. */
const lengthOfBlock = 6;
/** APDUs in a row that cannot be deciphered before the association is ended. */
const decipheringFailuresBeforeEnd = 10;

/**
 * Serves what clients ask for in an association: puts blocks together, deciphers, hands the request to its service and
 * protects the response as the request was. It counts who fails at it.
 */
export class RequestHandler {
	readonly context: ServiceContext;
	/** Who takes the answer of the next request if it comes later. */
	late: LateAnswer | undefined;
	/** A request that is half done. */
	resting: RequestInPieces | undefined;
	readonly #pace: Pace | undefined;
	readonly #observer: ServerObserver | undefined;
	readonly #channel: SecureChannel;
	readonly #reader = new Reader();
	readonly #get: GetService;
	readonly #set: SetService;
	readonly #action: ActionService;
	/** Made when first asked for. */
	#access: AccessService | undefined;

	constructor(
		application: Application,
		channel: SecureChannel,
		limits: ServerLimits,
		log: Log | undefined,
		observer: ServerObserver | undefined,
		pace: Pace | undefined,
	) {
		this.context = new ServiceContext(application, limits, log, observer, pace);
		this.#pace = pace;
		this.#observer = observer;
		this.#channel = channel;
		this.#get = new GetService(this.context);
		this.#set = new SetService(this.context);
		this.#action = new ActionService(this.context);
	}

	/** One general block: of a request that is served when it is whole, or the word to go on with the response. */
	takeBlock(association: Association, bytes: Uint8Array, from: number, to: number, response: Writer): boolean {
		if (!association.allows(conformanceBit.generalBlockTransfer)) {
			return except(response, serviceError.serviceNotSupported);
		}
		const { longTransfer, generalWindow } = this.context.limits;
		let general = association.transfer?.general;
		this.#reader.reset(bytes, from + 1, to);
		const isNew = general?.isSending === true && isData(bytes, from) && !general.isRepetition(numberOf(bytes, from));
		if (general === undefined || isNew) {
			// what it carries may be a block of a transfer of its service, which goes on
			general = new GeneralBlockTransfer(longTransfer, generalWindow);
			association.takeTransfer().general = general;
		}
		const step = general.take(this.#reader);
		this.context.prolongTransfer(association);
		if (step === transferStep.wait) return false;
		if (step === transferStep.send) general.writeBlock(response);
		else if (step === transferStep.acknowledge) general.writeAcknowledgement(response);
		else if (association.transfer !== undefined) association.transfer.general = undefined;
		if (step === transferStep.end) return false;
		if (step === transferStep.abort) general.writeAbort(response);
		if (step !== transferStep.serve) return true;
		const { request } = general;
		if (request.length === 0 || !isServiceTag(request.bytes[0]!)) {
			encodeException(response, stateError.serviceUnknown, serviceError.serviceNotSupported);
			return true;
		}
		return this.serve(association, request.bytes, 0, request.length, response, general);
	}

	/**
	 * A request, protected or not.
	 * @param general the blocks that the request came in, which the response leaves in too
	 */
	serve(
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
		this.context.begin(association);
		const { sendPduSize, generalPduSize, generalWindow } = this.context.limits;
		const { clientReceiveSize } = association;
		// no longer than client, meter and link take
		const pduSize = Math.min(
			clientReceiveSize === 0 ? sendPduSize : clientReceiveSize,
			sendPduSize,
			response.remaining,
		);
		const mayBeCut =
			association.allows(conformanceBit.generalBlockTransfer) && !association.allows(blockTransferOf(service));
		if (general === undefined && !mayBeCut) {
			return this.respond(association, service, form, isPending, r, response, pduSize);
		}
		const whole = new Writer(generalPduSize);
		const cut = (hasAnswer: boolean): boolean => {
			if (!hasAnswer) return false;
			if (whole.bytes[0] === exceptionResponseTag || (general === undefined && whole.position <= pduSize)) {
				response.octets(whole.bytes, 0, whole.position);
				return true;
			}
			const transfer = general ?? new GeneralBlockTransfer(0, generalWindow);
			transfer.answer(whole.bytes.slice(0, whole.position), pduSize);
			association.takeTransfer().general = transfer;
			this.context.prolongTransfer(association);
			transfer.writeBlock(response);
			return true;
		};
		return this.respond(association, service, form, isPending, r, whole, generalPduSize, { response, cut });
	}

	/** What a client has been pushed has come to it. Whoever has only the key of a group cannot say so for its members. */
	private takeConfirmation(association: Association, r: Reader): false {
		const isOpen = association.status === associationStatus.associated;
		const invokeId = r.u32() & 0xff_ffff;
		r.skip(r.u8()); // date-time
		r.expectEnd();
		if (!isOpen || association.home.isUnderBroadcastKey) return false;
		association.setup?.storeReceived();
		this.context.application.push.confirmed(association.client.sap, invokeId);
		return false;
	}

	/**
	 * Serves a plain request and protects the response, which has at most `pduSize` octets then.
	 * @param blocks what makes general blocks of it, and where they go
	 */
	private respond(
		association: Association,
		service: number,
		form: number,
		isPending: boolean,
		r: Reader,
		response: Writer,
		pduSize: number,
		blocks?: { readonly response: Writer; cut(hasAnswer: boolean): boolean },
	): boolean {
		const start = response.position;
		this.#channel.begin(association, response, form, pduSize);
		association.hasMissedRight = false;
		const result = this.call(association, service, isPending, r, response);
		if (typeof result === "number") {
			const hasAnswer = this.conclude(association, service, form, isPending, start, response, pduSize, result);
			return blocks === undefined ? hasAnswer : blocks.cut(hasAnswer);
		}
		const request = new RequestInPieces(association, blocks?.response ?? response, result, (end) => {
			const hasAnswer = this.conclude(association, service, form, isPending, start, response, pduSize, end);
			return blocks === undefined ? hasAnswer : blocks.cut(hasAnswer);
		});
		const { late } = this;
		const hasAnswer = request.goOn(late && this.#pace);
		if (hasAnswer !== undefined) return hasAnswer;
		this.resting = request;
		request.late = late;
		late?.begins();
		return false;
	}

	/** Completes what a service has left. @param start of the response @param result its `outcome` */
	private conclude(
		association: Association,
		service: number,
		form: number,
		isPending: boolean,
		start: number,
		response: Writer,
		pduSize: number,
		result: number,
	): boolean {
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

	/** @returns an `outcome`, or the pieces that end in one */
	private call(association: Association, service: number, isPending: boolean, r: Reader, w: Writer): number | Pieces {
		switch (service) {
			case serviceTag.getRequest:
				return this.#get.serve(association, r, w);
			case serviceTag.setRequest:
				return this.#set.serve(association, r, w);
			case serviceTag.accessRequest:
				this.#access ??= new AccessService(this.context);
				return this.#access.serve(association, r, w);
			default:
				if (isPending) return this.#action.serveReplyToHls(association, r, w);
				return this.#action.serve(association, r, w);
		}
	}

	/** Goes on with what rests. @returns as `RequestInPieces.goOn` */
	goOn(request: RequestInPieces, pace: Pace | undefined): boolean | undefined {
		if (request.association.status !== associationStatus.associated) return false;
		const hasAnswer = request.goOn(pace);
		if (hasAnswer === undefined) this.resting = request;
		return hasAnswer;
	}

	private failHandshake(association: Association): void {
		this.countFailure(association, securityEvent.associationFailure);
		association.close();
	}

	/** @param event what a failure too many of the client is reported as */
	private countFailure({ client, port }: Association, event: number): void {
		const { application } = this.context;
		if (application.portProtection.failed(client.index, port, application.now_ms())) {
			application.security.report(event, client.setup);
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
		const { application } = this.context;
		if (application.portProtection.succeeded(association.client.index, association.port)) {
			application.security.report(securityEvent.decipheredAgain, association.client.setup);
		}
	}

	/** Answers an APDU whose protection is not right. @param error one of `serviceError`, as the channel found it */
	refuse(association: Association, tag: number, error: number, response: Writer): boolean {
		if (error === serviceError.invocationCounterError) {
			const { client, port } = association;
			const { application } = this.context;
			// its event is that of the replay (F126); what is sent to a group may come twice
			if (client.isAlwaysOpen !== true) application.portProtection.failed(client.index, port, application.now_ms());
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
}

/** What has to be agreed for answers in blocks of the service; ACCESS has none, answers to SET are short. */
function blockTransferOf(service: number): number {
	if (service === serviceTag.getRequest) return conformanceBit.blockTransferWithGet;
	if (service === serviceTag.actionRequest) return conformanceBit.blockTransferWithAction;
	return service === serviceTag.setRequest ? 0 : neverAgreed;
}

/** Of a general block; 0 when it has none. */
function numberOf(bytes: Uint8Array, from: number): number {
	return ((bytes[from + 2] ?? 0) << 8) | (bytes[from + 3] ?? 0);
}

/** A general block that carries something; one without data acknowledges, or aborts. */
function isData(bytes: Uint8Array, from: number): boolean {
	return bytes[from + lengthOfBlock] !== 0;
}
