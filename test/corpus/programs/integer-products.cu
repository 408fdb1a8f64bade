//// features: __mulhi, __umulhi, __mul64hi, __umul64hi, __mul24, __sad, __usad, __hadd, __rhadd
//// sequential
void integer_products(int a, int b, long long *out) {
    out[0] = (long long)a * b >> 32;
    out[1] = (long long)((unsigned long long)(unsigned)a * (unsigned)b >> 32);
    long long x = (long long)a << 32 | 12345, y = (long long)b << 31 | 999;
    out[2] = (long long)((__int128)x * y >> 64);
    out[3] = (long long)((unsigned __int128)(unsigned long long)x * (unsigned long long)y >> 64);
    out[4] = (int)((unsigned)((int)((unsigned)a << 8) >> 8) * (unsigned)((int)((unsigned)b << 8) >> 8));
    out[5] = (long long)llabs((long long)a - b) + 7;
    out[6] = ((long long)a + b) >> 1;
    out[7] = ((long long)a + b + 1) >> 1;
}
//// kernel
__global__ void products(int a, int b, long long *out) {
    long long x = (long long)a << 32 | 12345, y = (long long)b << 31 | 999;
    out[0] = __mulhi(a, b);
    out[1] = __umulhi((unsigned)a, (unsigned)b);
    out[2] = __mul64hi(x, y);
    out[3] = (long long)__umul64hi((unsigned long long)x, (unsigned long long)y);
    out[4] = __mul24(a, b);
    out[5] = __sad(a, b, 7u);
    out[6] = __hadd(a, b);
    out[7] = __rhadd(a, b);
}
//// wrapper
void integer_products_cuda(int a, int b, long long *out) {
    long long *d_out;
    cudaMalloc(&d_out, 8 * sizeof(long long));
    products<<<1, 1>>>(a, b, d_out);
    cudaMemcpy(out, d_out, 8 * sizeof(long long), cudaMemcpyDeviceToHost);
    cudaFree(d_out);
}
//// tests
long long out[8];
wrapper(FUNCTION, 123456789, 987654321, out);
---
long long out[8];
wrapper(FUNCTION, -2000000000, 77777, out);
---
long long out[8];
wrapper(FUNCTION, -3, -4, out);
