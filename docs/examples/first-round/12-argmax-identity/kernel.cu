#define THREADS 32

__global__ void argmax_kernel(const float *values, int n, int *result) {
    __shared__ float top[THREADS];
    __shared__ int where[THREADS];
    int t = threadIdx.x;
    float best = 0.0f;
    int at = 0;
    for (int i = t; i < n; i += THREADS) {
        if (values[i] > best) {
            best = values[i];
            at = i;
        }
    }
    top[t] = best;
    where[t] = at;
    __syncthreads();
    for (int half = THREADS / 2; half > 0; half >>= 1) {
        if (t < half) {
            bool larger = top[t + half] > top[t];
            bool earlier = top[t + half] == top[t] && where[t + half] < where[t];
            if (larger || earlier) {
                top[t] = top[t + half];
                where[t] = where[t + half];
            }
        }
        __syncthreads();
    }
    if (t == 0) {
        *result = where[0];
    }
}
