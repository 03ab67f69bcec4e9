package org.quern.machine.chardev;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A backend that keeps what it gets, and can be made to refuse it. */
public final class FakeBackend implements CharBackend {
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private boolean blocked;
  private int inputReady;
  private String breaks = "";

  @Override
  public boolean write(int b) {
    if (!blocked) {
      sent.write(b);
    }
    return !blocked;
  }

  @Override
  public void inputReady() {
    inputReady++;
  }

  @Override
  public void sendBreak(boolean on) {
    breaks += on ? "[" : "]";
  }

  @Override
  public void attach(CharDevice device) {}

  public void block(boolean on) {
    blocked = on;
  }

  public String sent() {
    return sent.toString(StandardCharsets.ISO_8859_1);
  }

  /** Calls of {@link #inputReady} since the last call. */
  public int takeInputReady() {
    int result = inputReady;
    inputReady = 0;
    return result;
  }

  /** An opening bracket for each break begun, a closing one for each ended. */
  public String breaks() {
    return breaks;
  }
}
