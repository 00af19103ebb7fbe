// reflect: c
struct Cell { float value; };
struct Fits { struct Cell cell[100000]; };
struct TooLarge { struct Cell cell[100001]; };
struct FarTooLarge { struct { struct Cell cell[100000][100000]; } plane[1000]; };
struct PlainArray { float value[1000][1000]; };

//= struct Cell size 4 align 4 at 2:8 | reflect: c
//=   value float32 @0 {float}
//= struct Fits size 400000 align 4 at 3:8
//=   cell[0].value float32 @0 {float}
//=   cell[1].value float32 @4 {float}
//=   cell[2].value float32 @8 {float}
//=   cell[3].value float32 @12 {float}
//=   cell[4].value float32 @16 {float}
//=   cell[5].value float32 @20 {float}
//=   cell[6].value float32 @24 {float}
//=   cell[7].value float32 @28 {float}
//=   cell[8].value float32 @32 {float}
//=   cell[9].value float32 @36 {float}
//=   cell[10].value float32 @40 {float}
//=   cell[11].value float32 @44 {float}
//=   cell[12].value float32 @48 {float}
//=   cell[13].value float32 @52 {float}
//=   cell[14].value float32 @56 {float}
//=   cell[15].value float32 @60 {float}
//=   cell[16].value float32 @64 {float}
//=   cell[17].value float32 @68 {float}
//=   cell[18].value float32 @72 {float}
//=   cell[19].value float32 @76 {float}
//=   ... 100000 elements
//= struct PlainArray size 4000000 align 4 at 6:8
//=   value float32[1000][1000] @0 {float}
//= refused 4:8 too-large in TooLarge: struct TooLarge
//= refused 5:8 too-large in FarTooLarge: struct FarTooLarge
