package org.quern.firmware.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.quern.firmware.BootException;
import org.quern.firmware.GuestMemory;

/** An open, non-empty regular file, read by position. Its errors name it. */
public final class ImageFile implements AutoCloseable {
  private static final int COPY_CHUNK = 1 << 20;

  private final String what;
  private final Path path;
  private final FileChannel channel;
  private final long size;

  private ImageFile(String what, Path path, FileChannel channel, long size) {
    this.what = what;
    this.path = path;
    this.channel = channel;
    this.size = size;
  }

  /**
   * Opens a file.
   *
   * @param what what the file is for, the first word of every message ("kernel")
   */
  public static ImageFile open(String what, Path path) throws BootException {
    String name = what + " " + path;
    if (Files.isDirectory(path)) {
      throw new BootException(name + " is a directory, not a file");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new BootException(name + " is not a regular file");
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      long size = channel.size();
      if (size == 0) {
        channel.close();
        throw new BootException(name + " is empty");
      }
      return new ImageFile(what, path, channel, size);
    } catch (NoSuchFileException e) {
      throw new BootException(name + " does not exist", e);
    } catch (AccessDeniedException e) {
      throw new BootException(name + " may not be read (permission denied)", e);
    } catch (IOException e) {
      close(channel);
      throw new BootException(name + " cannot be read: " + e.getMessage(), e);
    }
  }

  public long size() {
    return size;
  }

  /** What and which file, the subject of a message. */
  public String name() {
    return what + " " + path;
  }

  /** An exception whose sentence is the file's name and {@code problem}. */
  public BootException error(String problem) {
    return new BootException(name() + " " + problem);
  }

  /** The first bytes of the file: {@code length} or as many as there are. */
  public byte[] head(int length) throws BootException {
    return read(0, (int) Math.min(length, size));
  }

  /** Exactly {@code length} bytes; fewer in the file is a truncation error. */
  public byte[] read(long position, int length) throws BootException {
    requireInside(position, length);
    byte[] bytes = new byte[length];
    fill(position, bytes, length);
    return bytes;
  }

  /** Copies a part of the file to guest memory, which the caller has checked to be RAM. */
  public void copyTo(GuestMemory memory, long physical, long position, long length)
      throws BootException {
    requireInside(position, length);
    byte[] chunk = new byte[(int) Math.min(COPY_CHUNK, length)];
    for (long done = 0; done < length; ) {
      int n = (int) Math.min(chunk.length, length - done);
      fill(position + done, chunk, n);
      memory.write(physical + done, chunk, 0, n);
      done += n;
    }
  }

  private void requireInside(long position, long length) throws BootException {
    if (position < 0 || length < 0 || position > size || length > size - position) {
      throw error(
          String.format(
              "is truncated: it has %d bytes, but its headers speak of %s bytes at %s",
              size, Long.toUnsignedString(length), Long.toUnsignedString(position)));
    }
  }

  private void fill(long position, byte[] to, int length) throws BootException {
    ByteBuffer buffer = ByteBuffer.wrap(to, 0, length);
    try {
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, position + buffer.position()) < 0) {
          throw error("became shorter while it was being read");
        }
      }
    } catch (IOException e) {
      throw new BootException(name() + " cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    close(channel);
  }

  private static void close(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // Only read from: nothing can have been lost.
        return;
      }
    }
  }
}
