// SPDX-License-Identifier: Apache-2.0
// The channel to the runner: one JSON object per line on descriptor 3, answers as one line of hex on descriptor 4.
#include "engine.h"

static FILE* report;
static FILE* replies;

void openReport(void)
{
	report = fcntl(reportDescriptor, F_GETFD) < 0 ? stderr : fdopen(reportDescriptor, "w");
	replies = fcntl(replyDescriptor, F_GETFD) < 0 ? NULL : fdopen(replyDescriptor, "r");
	if (!report) report = stderr;
}

static void writeQuoted(const char* text)
{
	fputc('"', report);
	for (const unsigned char* c = (const unsigned char*)text; *c; c++) {
		if (*c == '"' || *c == '\\') fprintf(report, "\\%c", *c);
		else if (*c < 0x20) fprintf(report, "\\u%04x", *c);
		else fputc(*c, report);
	}
	fputc('"', report);
}

static void writeHead(const char* kind, const char* name)
{
	fputs("{\"kind\":", report);
	writeQuoted(kind);
	fputs(",\"name\":", report);
	writeQuoted(name);
}

void reportNumber(const char* kind, const char* name, double value)
{
	writeHead(kind, name);
	if (isfinite(value)) fprintf(report, ",\"value\":%.17g}\n", value);
	else fputs(",\"value\":null}\n", report);
	fflush(report);
}

void reportText(const char* kind, const char* name, const char* text)
{
	writeHead(kind, name);
	fputs(",\"text\":", report);
	writeQuoted(text);
	fputs("}\n", report);
	fflush(report);
}

static int fromHexDigit(int c)
{
	if (c >= '0' && c <= '9') return c - '0';
	if (c >= 'a' && c <= 'f') return c - 'a' + 10;
	return -1;
}

bool beginRequest(void)
{
	if (!replies) return false;
	fputs("{\"kind\":\"request\",\"name\":\"call\",\"text\":\"", report);
	return true;
}

void writeRequest(const uint8_t* bytes, size_t size)
{
	for (size_t n = 0; n < size; n++) fprintf(report, "%02x", bytes[n]);
}

void endRequest(void)
{
	fputs("\"}\n", report);
	fflush(report);
}

int readReply(void)
{
	int high = fromHexDigit(fgetc(replies));
	if (high < 0) return -1; // the line feed that ends an answer, or a runner that went away
	int low = fromHexDigit(fgetc(replies));
	return low < 0 ? -1 : high << 4 | low;
}
