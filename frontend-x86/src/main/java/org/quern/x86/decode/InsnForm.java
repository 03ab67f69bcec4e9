package org.quern.x86.decode;

/** Replaced by the decoder. */
public record InsnForm(Mnemonic mnemonic) {}
