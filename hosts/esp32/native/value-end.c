// SPDX-License-Identifier: Apache-2.0
// The search of src/cosem/codec/value-end.ts. Nothing allocates in the JavaScript heap while pointers into it are held.
#include <stddef.h>
#include <stdint.h>
#include "xsmc.h"

// As in src/cosem/codec/axdr.ts.
enum { maximumElements = 512, maximumDepth = 8 };

// By tag: octets of the value behind it, or its shape; 0x7f for what is left to skip-value.ts.
enum { other = 0x7f, string = -1, bits = -2, elements = -3 };
enum { dontCare = 0xff };
static const int8_t sizes[] = {
	0, elements, elements, 1, bits, 4, 4, other, other, string, string, other, string, 1, other, 1, 2,
	1, 2, other, 8, 8, 1, 4, 8, 12, 5, 4, 1, 2, 4, 1, 2, 4,
};

// Passes a length of any definite form of up to four octets; NULL where there is none.
static const uint8_t* passLength(const uint8_t* at, const uint8_t* end, uint32_t* length)
{
	if (at == end) return NULL;
	uint8_t first = *at++;
	if (first < 0x80) {
		*length = first;
		return at;
	}
	int count = first & 0x7f;
	if (count < 1 || count > 4 || end - at < count) return NULL;
	*length = 0;
	for (; count > 0; count--) *length = (*length << 8) | *at++;
	return at;
}

// Behind the value at `at`; NULL where it is not well formed, or is left to skip-value.ts.
static const uint8_t* passValue(const uint8_t* at, const uint8_t* end, int levels)
{
	if (at == end) return NULL;
	uint8_t tag = *at++;
	int size = tag == dontCare ? 0 : tag < sizeof(sizes) ? sizes[tag] : other;
	if (size == other) return NULL;
	if (size >= 0) return end - at < size ? NULL : at + size;
	uint32_t length;
	at = passLength(at, end, &length);
	if (at == NULL) return NULL;
	if (size == elements) {
		if (levels == 0 || length > maximumElements) return NULL;
		for (; length > 0 && at != NULL; length--) at = passValue(at, end, levels - 1);
		return at;
	}
	uint32_t octets = size == bits ? length / 8 + (length % 8 != 0) : length;
	return (size_t)(end - at) < octets ? NULL : at + octets;
}

void sx402_valueEnd(xsMachine* the)
{
	void* bytes;
	xsUnsignedValue size;
	xsIntegerValue from = xsmcToInteger(xsArg(1));
	xsIntegerValue to = xsmcToInteger(xsArg(2));
	xsmcGetBufferReadable(xsArg(0), &bytes, &size);
	if (from < 0 || to < from || (xsUnsignedValue)to > size) xsRangeError("valueEnd: octets outside the buffer");
	const uint8_t* start = (const uint8_t*)bytes;
	const uint8_t* at = passValue(start + from, start + to, maximumDepth);
	xsmcSetInteger(xsResult, at == NULL ? -1 : (xsIntegerValue)(at - start));
}
