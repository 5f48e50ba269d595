// SPDX-License-Identifier: Apache-2.0
// A shared heap stands for the flash of the board. Plain objects and arrays in it are copied when first written (they
// cost an alias), but the content of buffers, collections and functions can only be read. In this program the shared
// heap is ordinary memory, so the flags that make such a write throw are set here, before the machine is shared.
#include "engine.h"

static void lockInstance(txSlot* instance)
{
	instance->flag |= XS_DONT_PATCH_FLAG;
	for (txSlot* property = instance->next; property; property = property->next) {
		property->flag |= XS_DONT_DELETE_FLAG;
		if (property->kind != XS_ACCESSOR_KIND) property->flag |= XS_DONT_SET_FLAG;
	}
}

static bool isFunctionKind(int kind)
{
	return kind == XS_CALLBACK_KIND || kind == XS_CALLBACK_X_KIND || kind == XS_CODE_KIND || kind == XS_CODE_X_KIND;
}

static bool isReadOnlyKind(int kind)
{
	switch (kind) {
	case XS_ARRAY_BUFFER_KIND:
	case XS_DATA_VIEW_KIND:
	case XS_DATE_KIND:
	case XS_MAP_KIND:
	case XS_PROMISE_KIND:
	case XS_PROXY_KIND:
	case XS_REGEXP_KIND:
	case XS_SET_KIND:
	case XS_TYPED_ARRAY_KIND:
	case XS_WEAK_MAP_KIND:
	case XS_WEAK_REF_KIND:
	case XS_WEAK_SET_KIND:
		return true;
	default:
		return isFunctionKind(kind);
	}
}

// Scopes of functions: fixed once made; what can change is each variable, which is a slot of its own.
static bool isEnvironment(const txSlot* first)
{
	return first->ID == XS_ENVIRONMENT_BEHAVIOR;
}

static void lockPrototypeOf(txSlot* constructor)
{
	for (txSlot* property = constructor->next; property; property = property->next)
		if (property->ID == mxID(_prototype) && property->kind == XS_REFERENCE_KIND) lockInstance(property->value.reference);
}

// Private fields of an object that is frozen, or of a class: in flash they cannot change either.
static void lockPrivateFields(txSlot* instance)
{
	for (txSlot* property = instance->next; property && (property->flag & XS_INTERNAL_FLAG); property = property->next) {
		if (property->kind != XS_PRIVATE_KIND) continue;
		for (txSlot* field = property->value.private.first; field; field = field->next) {
			field->flag |= XS_DONT_DELETE_FLAG;
			if (field->kind != XS_ACCESSOR_KIND) field->flag |= XS_DONT_SET_FLAG;
		}
	}
}

// A binding that holds a function is constant for the linker, whether it was declared so or not.
static void lockBinding(txSlot* slot)
{
	txSlot* variable = slot->value.closure;
	if (variable->kind != XS_REFERENCE_KIND) return;
	txSlot* property = variable->value.reference->next;
	if (property && isFunctionKind(property->kind)) variable->flag |= XS_DONT_SET_FLAG;
}

static void markFreeSlots(txMachine* the, bool marked)
{
	for (txSlot* slot = the->freeHeap; slot; slot = slot->next) {
		if (marked) slot->flag |= XS_MARK_FLAG;
		else slot->flag &= ~XS_MARK_FLAG;
	}
}

void lockHeap(xsMachine* machine)
{
	txMachine* the = machine;
	markFreeSlots(the, true);
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next) {
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++) {
			if (slot->flag & XS_MARK_FLAG) continue;
			if (slot->kind == XS_CLOSURE_KIND) lockBinding(slot);
			if (slot->kind != XS_INSTANCE_KIND) continue;
			txSlot* first = slot->next;
			if (!first || !(first->flag & XS_INTERNAL_FLAG)) continue;
			if (isEnvironment(first) || isReadOnlyKind(first->kind)) {
				lockInstance(slot);
				if (isFunctionKind(first->kind) && (slot->flag & XS_CAN_CONSTRUCT_FLAG)) lockPrototypeOf(slot);
			}
			if (slot->flag & XS_DONT_PATCH_FLAG) lockPrivateFields(slot);
		}
	}
	markFreeSlots(the, false);
}

// A value that points into the chunks of the flash says so by its kind: the collector of the application would otherwise
// mark those chunks, and move the pointer on by one chunk at each collection, as if they had been compacted.
static void placeValue(txSlot* slot)
{
	switch (slot->kind) {
	case XS_STRING_KIND: slot->kind = XS_STRING_X_KIND; break;
	case XS_BIGINT_KIND: slot->kind = XS_BIGINT_X_KIND; break;
	case XS_KEY_KIND: slot->kind = XS_KEY_X_KIND; break;
	case XS_CODE_KIND: slot->kind = XS_CODE_X_KIND; break;
	default: break;
	}
}

static void placeItems(txMachine* the, txSlot* array)
{
	txSlot* item = array->value.array.address;
	for (txIndex count = fxGetIndexSize(the, array); count > 0; count--) placeValue(item++);
}

void placeChunks(xsMachine* machine)
{
	txMachine* the = machine;
	for (txSlot* slot = the->stack; slot < the->stackTop; slot++) placeValue(slot);
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next) {
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++) {
			placeValue(slot);
			if (slot->kind == XS_ARRAY_KIND) placeItems(the, slot);
		}
	}
}

enum { maximumSignature = 120 };

static void append(char* text, const char* more)
{
	size_t length = strlen(text);
	snprintf(text + length, maximumSignature - length, "%s", more);
}

// Words that help to find an object in the sources: what it is, and the names of its first properties.
static void describeInstance(txMachine* the, txSlot* instance, char* text)
{
	txSlot* property = instance->next;
	bool isArray = property && property->kind == XS_ARRAY_KIND;
	strcpy(text, isArray ? "array" : "object");
	if (isArray) {
		char length[32];
		snprintf(length, sizeof(length), " of %d", (int)fxGetIndexSize(the, property));
		append(text, length);
		return;
	}
	for (int shown = 0; property && shown < 6; property = property->next) {
		const char* name = property->ID == XS_NO_ID || (property->flag & XS_INTERNAL_FLAG) ? NULL : fxGetKeyName(the, property->ID);
		if (!name) continue;
		append(text, shown++ ? "," : " ");
		append(text, name);
	}
}

static bool isCountedInstance(const txSlot* slot)
{
	if (slot->kind != XS_INSTANCE_KIND || slot->ID == XS_NO_ID) return false;
	const txSlot* first = slot->next;
	if (!first || !(first->flag & XS_INTERNAL_FLAG)) return true;
	return !isEnvironment(first) && first->kind != XS_MODULE_KIND;
}

int countWritable(xsMachine* machine, bool isListed)
{
	txMachine* the = machine;
	char text[maximumSignature];
	int count = 0;
	bool* isSeen = calloc((size_t)the->aliasCount + 1, sizeof(bool)); // a variable may stand in many scopes
	if (!isSeen) return -1;
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next) {
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++) {
			const txSlot* variable = slot->kind == XS_CLOSURE_KIND ? slot->value.closure : NULL;
			if (isCountedInstance(slot)) {
				describeInstance(the, slot, text);
				if (isListed) reportText("writable", text, "not frozen");
			} else if (variable && variable->ID != XS_NO_ID && !(variable->flag & XS_DONT_SET_FLAG) && !isSeen[variable->ID]) {
				isSeen[variable->ID] = true;
				const char* name = slot->ID == XS_NO_ID ? NULL : fxGetKeyName(the, slot->ID);
				if (isListed) reportText("writable", name ? name : "?", "no const");
			} else continue;
			count++;
		}
	}
	free(isSeen);
	return count;
}
