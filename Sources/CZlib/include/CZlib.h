// The part of zlib that OpenInfra calls, as a table of function pointers. Nothing is linked:
// Traces opens the library at run time and fills the table.
#ifndef OI_CZLIB_H
#define OI_CZLIB_H

// Return codes and flush mode (zlib.h); stable since zlib 1.0.
enum { OI_Z_OK = 0, OI_Z_STREAM_END = 1, OI_Z_BUF_ERROR = -5, OI_Z_NO_FLUSH = 0 };
// Added to the window bits: expect a gzip header and check its trailing checksum.
enum { OI_Z_GZIP_WINDOW_BITS = 15 + 16 };
// The version whose `z_stream` layout is declared below; inflateInit2_ compares the first digit.
#define OI_ZLIB_VERSION "1.2.11"

// `z_stream` of zlib.h, member for member.
typedef struct oi_z_stream {
    const unsigned char *_Nullable next_in;
    unsigned int avail_in;
    unsigned long total_in;
    unsigned char *_Nullable next_out;
    unsigned int avail_out;
    unsigned long total_out;
    const char *_Nullable msg;
    void *_Nullable state;
    void *_Nullable zalloc;
    void *_Nullable zfree;
    void *_Nullable opaque;
    int data_type;
    unsigned long adler;
    unsigned long reserved;
} oi_z_stream;

typedef int (*oi_inflate_init2_fn)(oi_z_stream *_Nonnull stream, int windowBits,
                                   const char *_Nonnull version, int streamSize);
typedef int (*oi_inflate_fn)(oi_z_stream *_Nonnull stream, int flush);
typedef int (*oi_inflate_reset_fn)(oi_z_stream *_Nonnull stream);
typedef int (*oi_inflate_end_fn)(oi_z_stream *_Nonnull stream);

typedef struct oi_zlib_api {
    oi_inflate_init2_fn _Nonnull inflateInit2;
    oi_inflate_fn _Nonnull inflate;
    oi_inflate_reset_fn _Nonnull inflateReset;
    oi_inflate_end_fn _Nonnull inflateEnd;
} oi_zlib_api;

#endif
