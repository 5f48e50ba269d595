// SPDX-License-Identifier: Apache-2.0
// The checksums of src/core/crc.ts, by nibbles: 128 octets of tables instead of 2 KB, and two steps for an octet. Nothing
// allocates in the JavaScript heap while a pointer into it is held.
#include <stdint.h>
#include "xsmc.h"

// polynomial 0x1021, reflected
static const uint16_t x25Nibbles[16] = {
	0x0000, 0x1081, 0x2102, 0x3183, 0x4204, 0x5285, 0x6306, 0x7387,
	0x8408, 0x9489, 0xa50a, 0xb58b, 0xc60c, 0xd68d, 0xe70e, 0xf78f,
};

// polynomial 0x1021
static const uint16_t ccittNibbles[16] = {
	0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
	0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef,
};

// polynomial 0x04c11db7, reflected
static const uint32_t crc32Nibbles[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
	0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

typedef struct {
	const uint8_t* at;
	const uint8_t* end;
} Octets;

// Octets `from` to `to`, arguments 1 and 2, of the buffer that is argument 0.
static Octets octetsOfArguments(xsMachine* the)
{
	void* bytes;
	xsUnsignedValue size;
	xsIntegerValue from = xsmcToInteger(xsArg(1)), to = xsmcToInteger(xsArg(2));
	xsmcGetBufferReadable(xsArg(0), &bytes, &size);
	if (from < 0 || to < from || (xsUnsignedValue)to > size) xsRangeError("crc: octets outside the buffer");
	return (Octets){ (const uint8_t*)bytes + from, (const uint8_t*)bytes + to };
}

void sx402_crc16X25(xsMachine* the)
{
	Octets octets = octetsOfArguments(the);
	uint16_t c = 0xffff;
	for (; octets.at < octets.end; octets.at++) {
		c ^= *octets.at;
		c = c >> 4 ^ x25Nibbles[c & 15];
		c = c >> 4 ^ x25Nibbles[c & 15];
	}
	xsmcSetInteger(xsResult, c ^ 0xffff);
}

void sx402_crc16Ccitt(xsMachine* the)
{
	Octets octets = octetsOfArguments(the);
	uint16_t c = 0xffff;
	for (; octets.at < octets.end; octets.at++) {
		c = (uint16_t)(c << 4) ^ ccittNibbles[c >> 12 ^ *octets.at >> 4];
		c = (uint16_t)(c << 4) ^ ccittNibbles[c >> 12 ^ (*octets.at & 15)];
	}
	xsmcSetInteger(xsResult, c);
}

void sx402_crc32(xsMachine* the)
{
	int hasSeed = xsmcArgc > 3 && xsmcTypeOf(xsArg(3)) != xsUndefinedType;
	uint32_t c = hasSeed ? ~(uint32_t)xsmcToNumber(xsArg(3)) : 0xffffffff;
	Octets octets = octetsOfArguments(the);
	for (; octets.at < octets.end; octets.at++) {
		c ^= *octets.at;
		c = c >> 4 ^ crc32Nibbles[c & 15];
		c = c >> 4 ^ crc32Nibbles[c & 15];
	}
	xsmcSetNumber(xsResult, ~c);
}
