package org.quern.machine.chardev;

/**
 * The host's end of a character device. All methods are called under the machine lock and must not
 * block.
 */
public interface CharBackend {
  /**
   * Takes a byte from the guest.
   *
   * @return false if it cannot now: the device keeps the byte and offers it again after {@link
   *     CharDevice#outputReady}
   */
  boolean write(int b);

  /** The device can take input again; see {@link CharDevice#room}. */
  void inputReady();

  /** The guest holds the line in the break condition from now on, or no longer. */
  void sendBreak(boolean on);

  /** Names the device this backend belongs to; called once, when the device is made. */
  void attach(CharDevice device);

  /** Swallows output and never has input. */
  CharBackend NULL =
      new CharBackend() {
        @Override
        public boolean write(int b) {
          return true;
        }

        @Override
        public void inputReady() {}

        @Override
        public void sendBreak(boolean on) {}

        @Override
        public void attach(CharDevice device) {}
      };
}
