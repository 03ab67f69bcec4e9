/** Little-endian numbers in byte arrays, read and written; nothing here knows a format. */
package org.quern.firmware.bytes;
