package org.quern.x86.asm;

/** A mistake in assembler source; the message names the line. */
public final class AssemblyException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int line;

  AssemblyException(int line, String text, String reason) {
    super("line " + line + ": " + reason + ": " + text.trim());
    this.line = line;
  }

  /** Line of the source, from 1. */
  public int line() {
    return line;
  }
}
