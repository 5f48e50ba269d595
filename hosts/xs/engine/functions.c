// SPDX-License-Identifier: Apache-2.0
// What scripts may call. Everything here keeps its state in C memory, as drivers do on the board, so that the figures
// of the JavaScript heap are those of the meter alone.
#include "engine.h"

enum { sectorSize = 4096, maximumSpans = 32, maximumSpanName = 48 };

typedef struct {
	char name[maximumSpanName];
	double begin;
	double count;
	double total;
	double largest;
} Span;

static bool isAllowed;
static uint8_t* flash;
static size_t flashSize;
static Span spans[maximumSpans];
static int spanCount;
static double computronTotal;
static uint32_t computronMark;

void allowHostFunctions(void)
{
	isAllowed = true;
}

void createFlash(size_t sectorCount)
{
	flashSize = sectorCount * sectorSize;
	flash = malloc(flashSize ? flashSize : 1);
	if (!flash) {
		fprintf(stderr, "no memory for %zu sectors of flash\n", sectorCount);
		exit(2);
	}
	memset(flash, 0xff, flashSize);
}

double countComputrons(xsMachine* machine)
{
	txMachine* the = machine;
	computronTotal += (uint32_t)(the->meterIndex - computronMark);
	computronMark = the->meterIndex;
	return computronTotal;
}

static void reportPart(const char* name, const char* part, double value)
{
	char figure[maximumSpanName + 16];
	snprintf(figure, sizeof(figure), "%.*s.%s", maximumSpanName - 1, name, part);
	reportNumber("figure", figure, value);
}

static void requireBoot(xsMachine* the)
{
	if (!isAllowed) xsUnknownError("native function called while modules are preloaded");
}

static void host_print(xsMachine* the)
{
	requireBoot(the);
	int count = xsmcToInteger(xsArgc);
	for (int n = 0; n < count; n++) {
		if (n) fputc(' ', stdout);
		fputs(xsmcToString(xsArg(n)), stdout);
	}
	fputc('\n', stdout);
}

static void host_dump(xsMachine* the)
{
	void* bytes;
	xsUnsignedValue size;
	requireBoot(the);
	fputs(xsmcToString(xsArg(0)), stdout);
	fputc(' ', stdout);
	xsmcGetBufferReadable(xsArg(1), &bytes, &size);
	for (xsUnsignedValue n = 0; n < size; n++) printf("%02x", ((uint8_t*)bytes)[n]);
	fputc('\n', stdout);
}

static void host_check(xsMachine* the)
{
	requireBoot(the);
	bool holds = xsmcToBoolean(xsArg(1));
	reportNumber("check", xsmcToString(xsArg(0)), holds ? 1 : 0);
}

static void host_figure(xsMachine* the)
{
	requireBoot(the);
	double value = xsmcToNumber(xsArg(1));
	reportNumber("figure", xsmcToString(xsArg(0)), value);
}

static void host_computrons(xsMachine* the)
{
	requireBoot(the);
	xsmcSetNumber(xsResult, countComputrons(the));
}

static void host_collectGarbage(xsMachine* the)
{
	requireBoot(the);
	xsCollectGarbage();
}

static void host_heap(xsMachine* the)
{
	requireBoot(the);
	const char* reading = xsmcToString(xsArg(0));
	double value;
	if (!strcmp(reading, "slots")) value = the->currentHeapCount;
	else if (!strcmp(reading, "chunks")) value = the->currentChunksSize;
	else if (!strcmp(reading, "peakSlots")) value = the->peakHeapCount;
	else if (!strcmp(reading, "peakChunks")) value = the->peakChunksSize;
	else if (!strcmp(reading, "aliases")) value = the->aliasCount;
	else if (!strcmp(reading, "keys")) value = the->keyIndex - the->keyOffset;
	else xsRangeError("heap: no such reading");
	xsmcSetNumber(xsResult, value);
}

static void host_reading(xsMachine* the)
{
	requireBoot(the);
	char point[maximumSpanName];
	xsmcToStringBuffer(xsArg(0), point, sizeof(point));
	xsCollectGarbage();
	reportPart(point, "slots", the->currentHeapCount);
	reportPart(point, "chunks", the->currentChunksSize);
}

static Span* findSpan(xsMachine* the, const char* name, bool mayCreate)
{
	for (int n = 0; n < spanCount; n++)
		if (!strcmp(spans[n].name, name)) return &spans[n];
	if (!mayCreate) xsRangeError("endSpan without beginSpan");
	if (spanCount == maximumSpans || strlen(name) >= maximumSpanName) xsRangeError("too many spans or name too long");
	strcpy(spans[spanCount].name, name);
	return &spans[spanCount++];
}

static void host_beginSpan(xsMachine* the)
{
	requireBoot(the);
	Span* span = findSpan(the, xsmcToString(xsArg(0)), true);
	span->begin = countComputrons(the);
}

static void host_endSpan(xsMachine* the)
{
	requireBoot(the);
	double now = countComputrons(the);
	Span* span = findSpan(the, xsmcToString(xsArg(0)), false);
	double spent = now - span->begin;
	span->count++;
	span->total += spent;
	if (spent > span->largest) span->largest = spent;
}

void reportSpans(void)
{
	for (int n = 0; n < spanCount; n++) {
		reportPart(spans[n].name, "count", spans[n].count);
		reportPart(spans[n].name, "computrons", spans[n].total);
		reportPart(spans[n].name, "largest", spans[n].largest);
	}
}

// Checks that [address, address + size) lies in the flash; throws RangeError otherwise.
static size_t flashAddress(xsMachine* the, double address, size_t size)
{
	if (!(address >= 0) || address != floor(address) || address + (double)size > (double)flashSize) xsRangeError("flash: address");
	return (size_t)address;
}

static void host_flashSectors(xsMachine* the)
{
	requireBoot(the);
	xsmcSetInteger(xsResult, (int)(flashSize / sectorSize));
}

static void host_flashRead(xsMachine* the)
{
	void* into;
	xsUnsignedValue size;
	requireBoot(the);
	double address = xsmcToNumber(xsArg(0));
	xsmcGetBufferWritable(xsArg(1), &into, &size);
	memcpy(into, flash + flashAddress(the, address, size), size);
}

static void host_flashProgram(xsMachine* the)
{
	void* bytes;
	xsUnsignedValue size;
	requireBoot(the);
	double address = xsmcToNumber(xsArg(0));
	xsmcGetBufferReadable(xsArg(1), &bytes, &size);
	uint8_t* at = flash + flashAddress(the, address, size);
	for (xsUnsignedValue n = 0; n < size; n++) at[n] &= ((uint8_t*)bytes)[n];
}

static void host_flashErase(xsMachine* the)
{
	requireBoot(the);
	double sector = xsmcToNumber(xsArg(0));
	memset(flash + flashAddress(the, sector * sectorSize, sectorSize), 0xff, sectorSize);
}

// callRunner(operation, ...buffers): the runner gets copies of all buffers and may replace the content of any of them.
// Request: operation, then length (2 octets) and content of each. Answer: status, then number and content of each
// buffer that changed. Returns the status.
static void host_callRunner(xsMachine* the)
{
	void* bytes;
	xsUnsignedValue size;
	requireBoot(the);
	int count = xsmcToInteger(xsArgc);
	uint8_t operation = (uint8_t)xsmcToInteger(xsArg(0));
	for (int n = 1; n < count; n++) {
		xsmcGetBufferReadable(xsArg(n), &bytes, &size);
		if (size > 0xffff) xsRangeError("callRunner: buffer too large");
	}
	if (!beginRequest()) xsUnknownError("callRunner: no runner");
	writeRequest(&operation, 1);
	for (int n = 1; n < count; n++) {
		xsmcGetBufferReadable(xsArg(n), &bytes, &size);
		uint8_t length[2] = { (uint8_t)(size >> 8), (uint8_t)size };
		writeRequest(length, 2);
		writeRequest(bytes, size);
	}
	endRequest();
	int status = readReply();
	if (status < 0) xsUnknownError("callRunner: no answer");
	for (int n = readReply(); n >= 0; n = readReply()) {
		if (n < 1 || n >= count) xsUnknownError("callRunner: answer for a buffer that was not given");
		xsmcGetBufferWritable(xsArg(n), &bytes, &size);
		for (xsUnsignedValue at = 0; at < size; at++) {
			int octet = readReply();
			if (octet < 0) xsUnknownError("callRunner: answer too short");
			((uint8_t*)bytes)[at] = (uint8_t)octet;
		}
	}
	xsmcSetInteger(xsResult, status);
}

typedef struct {
	const char* name;
	xsCallback callback;
	int argumentCount;
} HostFunction;

static const HostFunction hostFunctions[] = {
	{ "print", host_print, 1 },
	{ "dump", host_dump, 2 },
	{ "check", host_check, 2 },
	{ "figure", host_figure, 2 },
	{ "computrons", host_computrons, 0 },
	{ "collectGarbage", host_collectGarbage, 0 },
	{ "heap", host_heap, 1 },
	{ "reading", host_reading, 1 },
	{ "beginSpan", host_beginSpan, 1 },
	{ "endSpan", host_endSpan, 1 },
	{ "flashSectors", host_flashSectors, 0 },
	{ "flashRead", host_flashRead, 2 },
	{ "flashProgram", host_flashProgram, 2 },
	{ "flashErase", host_flashErase, 1 },
	{ "callRunner", host_callRunner, 1 },
};

void addHostFunctions(xsMachine* machine)
{
	xsBeginHost(machine);
	{
		xsmcVars(1);
		for (size_t n = 0; n < sizeof(hostFunctions) / sizeof(hostFunctions[0]); n++) {
			xsVar(0) = xsNewHostFunction(hostFunctions[n].callback, hostFunctions[n].argumentCount);
			xsmcSet(xsGlobal, xsID((char*)hostFunctions[n].name), xsVar(0));
		}
	}
	xsEndHost(machine);
}
