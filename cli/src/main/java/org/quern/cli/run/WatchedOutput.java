package org.quern.cli.run;

import java.io.IOException;
import java.io.OutputStream;

/** An output stream that tells, once, when it cannot be written to any more. */
final class WatchedOutput extends OutputStream {
  private final OutputStream out;
  private Runnable onFailure;

  WatchedOutput(OutputStream out) {
    this.out = out;
  }

  /** Sets what to run after the first failure. */
  synchronized void onFailure(Runnable action) {
    onFailure = action;
  }

  @Override
  public synchronized void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] b, int off, int len) throws IOException {
    try {
      out.write(b, off, len);
    } catch (IOException e) {
      failed();
      throw e;
    }
  }

  @Override
  public synchronized void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      failed();
      throw e;
    }
  }

  private void failed() {
    Runnable action = onFailure;
    onFailure = null;
    if (action != null) {
      action.run();
    }
  }
}
