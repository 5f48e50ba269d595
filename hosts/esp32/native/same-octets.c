// SPDX-License-Identifier: Apache-2.0
// The comparison of src/core/same-octets.ts. Nothing allocates in the JavaScript heap while pointers into it are held.
#include <stdint.h>
#include <string.h>
#include "xsmc.h"

// `count` octets of the buffer that is argument `index`, from the argument behind it on.
static const uint8_t* octetsFrom(xsMachine* the, int index, xsIntegerValue count)
{
	void* bytes;
	xsUnsignedValue size;
	xsIntegerValue from = xsmcToInteger(xsArg(index + 1));
	xsmcGetBufferReadable(xsArg(index), &bytes, &size);
	if (from < 0 || count < 0 || (xsUnsignedValue)from > size || (xsUnsignedValue)count > size - (xsUnsignedValue)from)
		xsRangeError("areSame: octets outside the buffer");
	return (const uint8_t*)bytes + from;
}

void sx402_areSame(xsMachine* the)
{
	xsIntegerValue count = xsmcToInteger(xsArg(4));
	const uint8_t* a = octetsFrom(the, 0, count);
	const uint8_t* b = octetsFrom(the, 2, count);
	xsmcSetBoolean(xsResult, memcmp(a, b, (size_t)count) == 0);
}
