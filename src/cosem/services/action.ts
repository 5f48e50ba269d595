// SPDX-License-Identifier: Apache-2.0
import type { Association } from "../association/association.js";
import { conformanceBit } from "../association/conformance.js";
import { associationClass } from "../class-ids.js";
import { decodeCount, readLogicalName } from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { encodeLength } from "../codec/length.js";
import type { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import type { Writer } from "../codec/writer.js";
import { followed, inPieces, type Pieces, pause, whole } from "../pieces.js";
import { dataAccessResult } from "../result.js";
import type { Content } from "./content.js";
import { itemKind, ListItems } from "./list-items.js";
import { LongRequestService } from "./long-request-service.js";
import { replyToHls } from "./object-access.js";
import { outcome, type ServiceContext, serviceTag } from "./service.js";
import type { Transfer } from "./transfer.js";

const requestType = Object.freeze({
	normal: 1,
	nextPblock: 2,
	withList: 3,
	withFirstPblock: 4,
	withListAndFirstPblock: 5,
	withPblock: 6,
});

const responseType = Object.freeze({ normal: 1, withPblock: 2, withList: 3, nextPblock: 4 });

/** Octets of a response before the results of a list: tag, type, invoke-id, number of them. */
const headLength = 4;

/** In the log. */
const name = "ACTION";

/** Of actions, 15 means that the long action was aborted, and no long set results exist. */
const longAction = Object.freeze({
	tag: serviceTag.actionRequest,
	hasSelection: false,
	aborted: dataAccessResult.longGetAborted,
	noTransfer: dataAccessResult.noLongGetInProgress,
});

const currentAssociation = 0x00_00_28_00_00_ff;

/** ACTION: normal, with list, and blocks in both directions (Green Book 9.3.8). */
export class ActionService extends LongRequestService {
	/** As `GetService.serve`. */
	serve(association: Association, r: Reader, w: Writer): number | Pieces {
		const { context } = this;
		const type = r.u8();
		const invokeId = context.readInvokeId(r);
		if (!association.allows(conformanceOf(type))) return context.isConfirmed ? outcome.notSupported : outcome.silent;
		switch (type) {
			case requestType.normal:
				context.endAnswer(association);
				return this.one(association, invokeId, r, true, w);
			case requestType.withList:
				context.endAnswer(association);
				return this.list(association, invokeId, r, w);
			case requestType.nextPblock:
				this.next(association, invokeId, r, w);
				break;
			case requestType.withFirstPblock:
			case requestType.withListAndFirstPblock:
				context.endAnswer(association);
				return this.firstBlock(association, invokeId, type === requestType.withListAndFirstPblock, r, w);
			case requestType.withPblock:
				return this.furtherBlock(association, invokeId, r, w);
			default:
				throw new CodecError("value", r.position - 2);
		}
		return context.answered;
	}

	/** True for the one request that is served before an HLS association is complete. */
	isReplyToHls(r: Reader): boolean {
		const probe = this.context.first;
		probe.reset(r.bytes, r.position, r.end);
		if (probe.remaining < 12 || probe.u8() !== requestType.normal) return false;
		probe.u8();
		return (
			probe.u16() === associationClass && readLogicalName(probe) === currentAssociation && probe.u8() === replyToHls
		);
	}

	/** Serves that request; it needs no conformance bit. */
	serveReplyToHls(association: Association, r: Reader, w: Writer): number {
		r.u8();
		return whole(this.one(association, this.context.readInvokeId(r), r, true, w));
	}

	/** @param hasFlag the parameter is optional: a flag tells; in blocks it always is there */
	private one(association: Association, invokeId: number, r: Reader, hasFlag: boolean, w: Writer): Pieces {
		const { context } = this;
		const classId = r.u16();
		const logicalName = readLogicalName(r);
		const methodId = r.i8();
		let hasParameter = true;
		if (hasFlag) {
			const flag = r.u8();
			if (flag > 1) throw new CodecError("value", r.position - 1);
			hasParameter = flag === 1;
		}
		if (hasParameter) context.delimit(r, context.second);
		r.expectEnd();
		const content = context.takeContent();
		const parameter = hasParameter ? context.second : undefined;
		return followed(invoke(context, classId, logicalName, methodId, parameter, content), () => {
			this.answer(association, invokeId, content, w);
			return context.answered;
		});
	}

	private list(association: Association, invokeId: number, r: Reader, w: Writer): Pieces {
		const { context } = this;
		const count = context.readListCount(r);
		const descriptors = context.first;
		descriptors.reset(r.bytes, r.position, r.end);
		r.skip(9 * count);
		if (decodeCount(r) !== count) throw new CodecError("value", r.position);
		const values = r.position;
		for (let n = 0; n < count; n++) skipValue(r);
		r.expectEnd(); // all of it is well formed before anything is invoked
		r.position = values;
		// every item has its result, and there must be room for them before anything is done
		if (context.isConfirmed && w.remaining < headLength + 4 * count && !mayUseBlocks(association))
			throw new CodecError("overflow", w.position);
		const content = context.takeContent();
		content.reserve(3);
		encodeLength(content.w, count);
		const list = new ListItems(count, itemKind.action);
		return followed(invokeAll(context, r, content, list), () => {
			this.answer(association, invokeId, content, w, list);
			return context.answered;
		});
	}

	/** @param list the items, of a request with list */
	private answer(association: Association, invokeId: number, content: Content, w: Writer, list?: ListItems): void {
		const { context } = this;
		if (!context.isConfirmed) {
			context.giveBack(content);
			return;
		}
		const start = w.position;
		writeHead(w, list === undefined ? responseType.normal : responseType.withList, invokeId);
		const body = w.position;
		let result: number = dataAccessResult.success;
		// what an action has done is told whatever becomes of the registers; an array is read, as by GET
		if (content.sourceCount === 0) content.fill(w, w.remaining);
		else if (list !== undefined) context.fillList(w, content, list, name);
		else result = context.fillWhole(w, content, name);
		if (result === dataAccessResult.success && !content.isFinished && mayUseBlocks(association)) {
			w.position = start;
			content.rewind();
			const transfer = context.startAnswer(association, serviceTag.actionResponse, content);
			this.block(association, transfer, invokeId, w);
			return;
		}
		if (result === dataAccessResult.success && !content.isFinished) {
			// it has been done, and that is told without what it gave
			w.position = body;
			(list ?? onlyItem(content)).shorten(content);
			content.rewind();
			content.fill(w, w.remaining);
		} else if (result !== dataAccessResult.success) {
			w.position = start;
			writeFailure(w, invokeId, result);
		}
		context.giveBack(content);
	}

	private next(association: Association, invokeId: number, r: Reader, w: Writer): void {
		const { context } = this;
		const number = r.u32();
		r.expectEnd();
		const { transfer } = association;
		const isRunning = transfer?.answer !== undefined && transfer.answerTag === serviceTag.actionResponse;
		if (isRunning && context.isNextBlock(transfer, number)) {
			this.block(association, transfer, invokeId, w);
			return;
		}
		context.endAnswer(association);
		const error = isRunning ? dataAccessResult.dataBlockNumberInvalid : dataAccessResult.noLongGetInProgress;
		writeFailure(w, invokeId, error);
	}

	private block(association: Association, transfer: Transfer, invokeId: number, w: Writer): void {
		const { context } = this;
		const content = transfer.answer!;
		const start = w.position;
		const number = transfer.answerBlock + 1;
		try {
			writeHead(w, responseType.withPblock, invokeId);
			const last = w.claim(1);
			w.u32(number);
			content.mark();
			context.writeRawData(w, content);
			if (content.sourceCount > 0) context.application.beforeResponse();
			w.bytes[last] = content.isFinished ? 1 : 0;
		} catch (error) {
			w.position = start;
			context.endAnswer(association);
			writeFailure(w, invokeId, context.access.failure(error, name));
			return;
		}
		transfer.answerBlock = number;
		if (content.isFinished) context.endAnswer(association);
		else context.prolongTransfer(association);
	}

	protected override get kind(): typeof longAction {
		return longAction;
	}

	protected override acknowledge(invokeId: number, block: number, w: Writer): void {
		writeHead(w, responseType.nextPblock, invokeId);
		w.u32(block);
	}

	protected override complete(
		association: Association,
		invokeId: number,
		isWithList: boolean,
		r: Reader,
		w: Writer,
	): number | Pieces {
		return isWithList ? this.list(association, invokeId, r, w) : this.one(association, invokeId, r, false, w);
	}

	protected override end(association: Association, invokeId: number, error: number, w: Writer): void {
		this.context.endAnswer(association);
		writeFailure(w, invokeId, error);
	}
}

/** Appends one Action-Response-With-Optional-Data. */
const invoke = inPieces(function* (
	{ access }: ServiceContext,
	classId: number,
	logicalName: number,
	methodId: number,
	r: Reader | undefined,
	content: Content,
): Pieces {
	yield pause.always;
	content.reserve(8);
	const { w } = content;
	const mark = w.position;
	const sources = content.sourceCount;
	w.u8(0);
	w.u8(1); // return parameters
	w.u8(0); // data
	const invoked = access.invoke(classId, logicalName, methodId, r, content);
	const result = typeof invoked === "number" ? invoked : yield* invoked;
	if (result === dataAccessResult.success && (w.position > mark + 3 || content.sourceCount > sources)) return result;
	w.position = mark;
	w.u8(result);
	w.u8(0); // none
	return result;
});

/** Invokes the items of a list, whose descriptors are in `context.first`. @param r on the first parameter */
const invokeAll = inPieces(function* (context: ServiceContext, r: Reader, content: Content, list: ListItems): Pieces {
	const { first: descriptors, second } = context;
	const { count } = list;
	for (let n = 0; n < count; n++) {
		list.begin(n, content);
		const classId = descriptors.u16();
		const logicalName = readLogicalName(descriptors);
		const methodId = descriptors.i8();
		context.delimit(r, second);
		const sources = content.sourceCount;
		yield* invoke(context, classId, logicalName, methodId, second, content);
		if (content.sourceCount > sources) list.setRead(n);
	}
	list.begin(count, content);
	return dataAccessResult.success;
});

/** The answer to a request without list. */
function onlyItem(content: Content): ListItems {
	const item = new ListItems(1, itemKind.action);
	if (content.sourceCount > 0) item.setRead(0);
	item.begin(1, content); // it begins at 0
	return item;
}

function mayUseBlocks(association: Association): boolean {
	return association.allows(conformanceBit.blockTransferWithAction);
}

function conformanceOf(type: number): number {
	switch (type) {
		case requestType.normal:
			return conformanceBit.action;
		case requestType.withList:
			return conformanceBit.action | conformanceBit.multipleReferences;
		case requestType.withListAndFirstPblock:
			return conformanceBit.action | conformanceBit.blockTransferWithAction | conformanceBit.multipleReferences;
		default:
			return conformanceBit.action | conformanceBit.blockTransferWithAction;
	}
}

function writeHead(w: Writer, type: number, invokeId: number): void {
	w.u8(serviceTag.actionResponse);
	w.u8(type);
	w.u8(invokeId);
}

function writeFailure(w: Writer, invokeId: number, result: number): void {
	writeHead(w, responseType.normal, invokeId);
	w.u8(result);
	w.u8(0);
}
