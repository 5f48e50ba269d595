// SPDX-License-Identifier: Apache-2.0
import type { Association } from "../association/association.js";
import { conformanceBit } from "../association/conformance.js";
import { decodeCount, encodeNull, readLogicalName } from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { decodeLength, encodeLength } from "../codec/length.js";
import type { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import type { Writer } from "../codec/writer.js";
import { followed, inPieces, type Pieces, pause } from "../pieces.js";
import { dataAccessResult } from "../result.js";
import type { Content } from "./content.js";
import { itemKind, ListItems } from "./list-items.js";
import { outcome, type ServiceContext, serviceTag } from "./service.js";

const specification = Object.freeze({ get: 1, set: 2, action: 3, getWithSelection: 4, setWithSelection: 5 });

/** Bits of long-invoke-id-and-priority; the confirmed one is the context's. */
const breakOnError = 0x2000_0000;
const selfDescriptive = 0x1000_0000;

/** Octets of a response before its specification: tag, long-invoke-id-and-priority, no date-time, whether there is one. */
const headLength = 7;

/** Class, logical name, attribute or method. */
const descriptorLength = 9;

/** ACCESS: any mixture of GET, SET and ACTION in one request (Green Book 9.3.5). Items are served in their order. */
export class AccessService {
	readonly #context: ServiceContext;

	constructor(context: ServiceContext) {
		this.#context = context;
	}

	/** As `GetService.serve`. */
	serve(association: Association, r: Reader, w: Writer): number | Pieces {
		const context = this.#context;
		const invokeId = context.readLongInvokeId(r);
		if (!association.allows(conformanceBit.access)) return context.isConfirmed ? outcome.notSupported : outcome.silent;
		r.skip(decodeLength(r)); // date-time
		const from = r.position;
		const count = context.readListCount(r);
		const items = context.first;
		items.reset(r.bytes, r.position, r.end);
		for (let n = 0; n < count; n++) skipSpecification(r);
		const to = r.position;
		if (decodeCount(r) !== count) throw new CodecError("value", r.position);
		const values = r.position;
		for (let n = 0; n < count; n++) skipValue(r);
		r.expectEnd(); // all of it is well formed before anything is served
		r.position = values;
		context.endAnswer(association);
		const content = context.takeContent();
		const results = new Uint8Array(2 * count);
		const list = new ListItems(count, itemKind.access, (n, result) => {
			results[2 * n + 1] = result;
		});
		const specificationLength = (invokeId & selfDescriptive) !== 0 ? to - from : 0;
		// every item has its result, and there must be room for them before anything is done
		if (context.isConfirmed && w.remaining < headLength + specificationLength + 2 * 3 + 3 * count) {
			context.giveBack(content);
			return outcome.tooLong;
		}
		content.reserve(3);
		encodeLength(content.w, count);
		const isBreaking = (invokeId & breakOnError) !== 0;
		return followed(serveAll(context, r, content, list, results, isBreaking), () => {
			if (!context.isConfirmed) {
				context.giveBack(content);
				return outcome.silent;
			}
			w.u8(serviceTag.accessResponse);
			w.u32(invokeId);
			w.u8(0); // no date-time
			w.u8(specificationLength > 0 ? 1 : 0);
			w.octets(r.bytes, from, from + specificationLength);
			const start = w.position;
			context.fillList(w, content, list, "ACCESS", 3 + results.length);
			if (!content.isFinished) {
				// what was done must be told, even where what was read has no room
				w.position = start;
				list.shorten(content);
				content.rewind();
				content.fill(w, w.remaining);
			}
			context.giveBack(content);
			encodeLength(w, count);
			w.octets(results);
			return outcome.answered;
		});
	}
}

/**
 * Serves the items of a request, whose specifications are in `context.first`.
 * @param r on the first data @param results takes kind and result of each @param isBreaking none behind one that fails is served
 */
const serveAll = inPieces(function* (
	context: ServiceContext,
	r: Reader,
	content: Content,
	list: ListItems,
	results: Uint8Array,
	isBreaking: boolean,
): Pieces {
	const { first: items } = context;
	const { count } = list;
	let isBroken = false;
	for (let n = 0; n < count; n++) {
		const kind = kindOf(items.peek());
		yield kind === specification.get ? pause.whenSpent : pause.always;
		list.begin(n, content);
		const sources = content.sourceCount;
		const served = serveItem(context, r, content, isBroken);
		const result = typeof served === "number" ? served : yield* served;
		results[2 * n] = kind;
		results[2 * n + 1] = result;
		const isRead = kind === specification.get && result === dataAccessResult.success;
		if (isRead || content.sourceCount > sources) list.setRead(n);
		if (result !== dataAccessResult.success && isBreaking) isBroken = true;
	}
	list.begin(count, content);
	return dataAccessResult.success;
});

/**
 * Serves one item and appends its data, null where it has none.
 * @returns its result, or the pieces of a long value to be written that end in it
 */
function serveItem(context: ServiceContext, r: Reader, content: Content, isSkipped: boolean): number | Pieces {
	const { access, first: items } = context;
	const tag = items.u8();
	const classId = items.u16();
	const logicalName = readLogicalName(items);
	const index = items.i8();
	const isSelective = tag >= specification.getWithSelection;
	if (isSelective) {
		access.selection.selector = items.u8();
		context.delimit(items, access.selection.parameters);
	}
	context.delimit(r, context.second);
	content.reserve(64);
	const mark = content.w.position;
	const sources = content.sourceCount;
	let result: number | Pieces = dataAccessResult.otherReason;
	if (!isSkipped) {
		const kind = kindOf(tag);
		if (kind === specification.get) result = access.read(classId, logicalName, index, isSelective, content);
		else if (kind === specification.set)
			result = access.write(classId, logicalName, index, isSelective, context.second);
		else result = access.invoke(classId, logicalName, index, context.second, content);
	}
	if (content.w.position === mark && content.sourceCount === sources) {
		content.reserve(1);
		encodeNull(content.w);
	}
	return result;
}

/** With or without selection it is the same service. */
function kindOf(tag: number): number {
	return tag > specification.action ? tag - specification.action : tag;
}

function skipSpecification(r: Reader): void {
	const at = r.position;
	const tag = r.u8();
	if (tag < specification.get || tag > specification.setWithSelection) throw new CodecError("value", at);
	r.skip(descriptorLength);
	if (tag < specification.getWithSelection) return;
	r.u8(); // selector
	skipValue(r);
}
