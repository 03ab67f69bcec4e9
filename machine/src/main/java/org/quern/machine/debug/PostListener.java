package org.quern.machine.debug;

/** Is told of POST codes. */
@FunctionalInterface
public interface PostListener {
  /** Nobody cares. */
  PostListener NONE = (port, code) -> {};

  /**
   * A guest has written a code. Under the machine lock; must not block.
   *
   * @param port where
   * @param code a byte
   */
  void posted(int port, int code);
}
