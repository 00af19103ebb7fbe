// reflect: c

/* This comment is about the file. */

/// A struct with comments
/// over two lines.
struct Comments { // on the brace
    float beside;      // [cm] beside it
    /* [mm] above it */
    float above;
    float both;        /**< second half */
    float continued;   // starts here
                       // and goes on [us] here
    // [ns] above the next
    float next;
    float block;       /* starts here
                        * and goes on
                        */
    float chain;       /* first block */
                       /* second block */
    ///  doc above
    float doc;
    float pointing;
    ///< [V] points back

    // a heading, not about the next

    float alone;
    float a, b;        // [deg] both
    float c,           // [rad] one
        d;             // [mrad] the other
    float e /* [s] */, f /* [ms] */;
    float /* [GeV] */ inside;
    /* in front */ float front; /* [K] */
    float g; /* [kHz] */ float h; /* [MHz] */
#define COMMENTS_N 3 /* [m] of a macro */
    float macro[COMMENTS_N];
    int spliced;       // goes over \
                          the line end
    int none;
    //
    int empty_comment; /**/
};  // behind it

//= struct Comments size 104 align 4 at 7:8 | A struct with comments over two lines. on the brace behind it
//=   beside float32 @0 {float} unit cm | [cm] beside it
//=   above float32 @4 {float} unit mm | [mm] above it
//=   both float32 @8 {float} | second half
//=   continued float32 @12 {float} | starts here and goes on [us] here
//=   next float32 @16 {float} unit ns | [ns] above the next
//=   block float32 @20 {float} | starts here and goes on
//=   chain float32 @24 {float} | first block second block
//=   doc float32 @28 {float} | doc above
//=   pointing float32 @32 {float} unit V | [V] points back
//=   alone float32 @36 {float}
//=   a float32 @40 {float} unit deg | [deg] both
//=   b float32 @44 {float} unit deg | [deg] both
//=   c float32 @48 {float} unit rad | [rad] one
//=   d float32 @52 {float} unit mrad | [mrad] the other
//=   e float32 @56 {float} unit s | [s]
//=   f float32 @60 {float} unit ms | [ms]
//=   inside float32 @64 {float} unit GeV | [GeV]
//=   front float32 @68 {float} unit K | in front [K]
//=   g float32 @72 {float} unit kHz | [kHz]
//=   h float32 @76 {float} unit MHz | [MHz]
//=   macro float32[3] @80 {float}
//=   spliced int32 @92 {int} | goes over the line end
//=   none int32 @96 {int}
//=   empty_comment int32 @100 {int}
//= note 12:11 unit of continued: 'us' is text here, not the unit: it stands inside a sentence: write it first or last
